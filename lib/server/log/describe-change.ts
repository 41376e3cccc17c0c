import { printable, printableLines } from '../../errors/printable.js';
import type { CutCounts } from '../drain/cut.js';
import type { DrainReport, ServerChange } from '../server-state.js';

/** One log line for one change of a server. */
interface ChangeLine {
  readonly level: 'log' | 'warn' | 'error';
  readonly text: string;
}

/** The server of a change, as a line names it. */
export interface ChangedServer {
  readonly server: string;
  /** The real address where it is known, else the bind address. */
  readonly at: string;
  /** Where it can be fetched, while it runs. */
  readonly url?: string;
  /** Its public address, where that is another one. */
  readonly expose?: string;
}

/** Names the server, its address and the cause. */
export function describeChange(
  change: ServerChange,
  { server, at, url, expose }: ChangedServer,
): ChangeLine {
  const { type, state, error, report, kind, status, message } = change;
  const line = (level: ChangeLine['level'], text: string): ChangeLine => ({
    level,
    text: `${printable(server)} (${printable(at)}): ${printableLines(text)}`,
  });
  if (type === 'config') return line('log', `config changed (${kind})`);
  if (type === 'restart') return line('log', 'restarted');
  if (type === 'health') {
    return line(
      status === 'up' ? 'log' : 'warn',
      `health ${status}${message ? `: ${message}` : ''}`,
    );
  }
  if (state === 'failed') return line('error', `failed: ${error?.message}`);
  if (state === 'running') {
    const where = url === undefined ? '' : ` on ${url}`;
    return line('log', `running${where}${expose === undefined ? '' : `, exposed as ${expose}`}`);
  }
  if (report === undefined) return line('log', state);
  return line(report.timedOut ? 'warn' : 'log', `${state} (${describeReport(report)})`);
}

function describeReport({ finished, cut, timedOut, durationMs }: DrainReport): string {
  const took = `${finished} requests finished in ${Math.round(durationMs)} ms`;
  return timedOut ? `${took}, the grace ran out: cut ${describeCut(cut)}` : took;
}

/** How many connections of which kind. */
export function describeCut(cut: Readonly<CutCounts>): string {
  const kinds = Object.entries(cut).filter(([, count]) => count > 0);
  return kinds.map(([kind, count]) => `${count} ${kind}`).join(', ');
}
