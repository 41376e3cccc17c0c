import { withChild } from '../harness/child.js';
import { compared } from '../harness/report.js';
import { requestCpu } from '../harness/request-cpu.js';
import { medianOf, medianRatio } from '../harness/statistics.js';

/** What differs from process to process (addresses, the moments of compilation) is averaged out. */
const processes = 3;
const rounds = 12;
const limit = 1.05;

const kinds = [
  { what: 'hello world, keep-alive', handler: 'hello', requests: 6000, limit },
  {
    what: 'JSON POST, keep-alive',
    handler: 'json',
    requests: 5000,
    request: { method: 'POST', body: JSON.stringify({ items: [1, 2, 3, 4, 5] }) },
    limit,
  },
  { what: 'a connection per request', handler: 'hello', requests: 600, isAnew: true },
];

export const title = 'request: CPU time of the server process per request';

async function measure({ handler, ...load }) {
  const results = [];
  for (let i = 0; i < processes; i += 1) {
    const startOptions = { handler, isReversed: i % 2 === 1 };
    const more = await withChild('./server.js', import.meta.url, {}, (server) =>
      requestCpu(server, { ...load, startOptions, rounds }),
    );
    results.push(...more);
  }
  return results;
}

export async function run() {
  const rows = [];
  for (const { what, limit: rowLimit, ...kind } of kinds) {
    const results = await measure(kind);
    const row = (text, name, itsLimit) =>
      compared(text, {
        base: medianOf(results, 'bare'),
        pool: medianOf(results, name),
        ratio: medianRatio(results, name, 'bare'),
        unit: 'us',
        limit: itsLimit,
      });
    rows.push(row(what, 'pooled', rowLimit));
    rows.push(row('  (noise: a second bare server)', 'control'));
  }
  return rows;
}
