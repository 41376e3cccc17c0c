import { describeKind, type Kind } from './kinds.js';
import type { LossTally } from './ledger.js';
import type { Proof } from './prove.js';

/** What a program reads; alone on standard output. */
export function reportJson({ options, ledger, times }: Proof): string {
  const { requests, answered, lost } = ledger;
  const kinds: Record<string, number> = {};
  for (const [kind, { count }] of sorted(ledger.kinds)) kinds[kind] = count;
  return JSON.stringify({ action: options.action, times, requests, answered, lost, kinds });
}

/** What `--log` writes. */
export function reportLosses({ ledger }: Proof): string {
  return ledger.losses.map((loss) => `${JSON.stringify(loss)}\n`).join('');
}

/** What a person reads. */
export function reportText(proof: Proof): string {
  const { options, ledger, times, notes } = proof;
  const lines = [
    `${options.action} of \`${options.command.join(' ')}\`, ${count(times, 'time')}`,
    ...proof.stages.map(
      ({ target, roles }) =>
        `  ${target.url.href}  ${count(options.clients, 'client')}: ${roles.join(', ')}`,
    ),
    '',
    `${count(ledger.requests, 'request')}, ${ledger.answered} answered, ${ledger.lost} lost`,
  ];
  if (ledger.lost > 0) lines.push('', ...lossTable(ledger.kinds));
  lines.push(
    '',
    ...table([
      ['latency, ms', 'p50', 'p99', 'max'],
      ['before', ...percentiles(ledger.latencyBefore)],
      ['from the first signal on', ...percentiles(ledger.latencyAround)],
    ]),
    `The clients themselves were late by up to ${proof.ownDelayMs.toFixed(0)} ms.`,
  );
  if (ledger.webSocketsCut > 0) {
    const cut = count(ledger.webSocketsCut, 'WebSocket');
    lines.push(`${cut} ended without a close frame; that is no loss here.`);
  }
  return [...lines, ...notes].join('\n');
}

function lossTable(kinds: ReadonlyMap<Kind, LossTally>): string[] {
  const rows = sorted(kinds).map(([kind, tally]) => [
    kind,
    String(tally.count),
    shares(tally.sent),
    shares(tally.received),
    `${tally.firstMs.toFixed(0)} to ${tally.lastMs.toFixed(0)} ms`,
    describeKind(kind),
  ]);
  return table([
    ['lost', 'count', 'sent of the request', 'received of the answer', 'after a signal', ''],
    ...rows,
  ]);
}

function shares(of: Readonly<Record<string, number>>): string {
  const some = Object.entries(of).filter(([, number]) => number > 0);
  return some.length === 1 ? some[0]![0] : some.map(([share, n]) => `${share} ${n}`).join(', ');
}

function sorted(kinds: ReadonlyMap<Kind, LossTally>): [Kind, LossTally][] {
  return [...kinds].sort(([, one], [, other]) => other.count - one.count);
}

function percentiles(values: readonly number[]): string[] {
  const ordered = [...values].sort((one, other) => one - other);
  return [0.5, 0.99, 1].map((share) => {
    const value = ordered[Math.max(Math.ceil(ordered.length * share) - 1, 0)];
    return value === undefined ? '-' : value.toFixed(1);
  });
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
