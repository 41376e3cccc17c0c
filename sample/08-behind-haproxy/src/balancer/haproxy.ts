import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Program } from './program.js';

const config = fileURLToPath(new URL('../../haproxy.cfg', import.meta.url));
const { STATS = '127.0.0.1:3085' } = process.env;

/** HAProxy, and what it holds of the replicas. */
export class HaProxy {
  private readonly program = new Program('haproxy', ['-db', '-f', config]);

  get failed(): Promise<never> {
    return this.program.failed;
  }

  /** Resolves when HAProxy sends requests to a replica; rejects when the signal aborts before. */
  async sendsTo(name: string, signal: AbortSignal): Promise<void> {
    while (!(await this.states()).includes(`replicas,${name},UP`)) {
      await wait(50, undefined, { signal });
    }
  }

  /** SIGUSR1: it accepts nothing more, and finishes what it has. */
  stop(): Promise<void> {
    return this.program.end('SIGUSR1');
  }

  /** `backend,server,status` of each. */
  private async states(): Promise<string[]> {
    try {
      const table = await (await fetch(`http://${STATS}/;csv`)).text();
      const rows = table.split('\n').map((line) => line.split(','));
      const status = rows[0]?.indexOf('status') ?? 0;
      return rows.map((row) => [row[0], row[1], row[status]].join(','));
    } catch {
      // It does not listen yet.
      return [];
    }
  }
}
