import { withChild } from '../harness/child.js';
import { compared } from '../harness/report.js';
import { requestCpu } from '../harness/request-cpu.js';
import { medianOf, medianRatio } from '../harness/statistics.js';

const processes = 2;
const limit = 1.05;
const kinds = [
  { what: 'Nest on Express', handler: 'express', requests: 3000 },
  { what: 'Nest on Fastify', handler: 'fastify', requests: 4000 },
  { what: 'a plain listener', handler: 'plain', requests: 5000 },
];

export const title = 'metrics: CPU time per request of a trivial route, with and without';

async function measure({ handler, requests }) {
  const results = [];
  for (let i = 0; i < processes; i += 1) {
    const startOptions = { handler, isReversed: i % 2 === 1 };
    const load = { startOptions, requests, rounds: 10, request: { path: '/hello' } };
    const more = await withChild('./server.js', import.meta.url, {}, (server) =>
      requestCpu(server, load),
    );
    results.push(...more);
  }
  return results;
}

export async function run() {
  const rows = [];
  for (const kind of kinds) {
    const results = await measure(kind);
    const row = (what, base, name, itsLimit) =>
      compared(what, {
        base: medianOf(results, base),
        pool: medianOf(results, name),
        ratio: medianRatio(results, name, base),
        unit: 'us',
        limit: itsLimit,
      });
    rows.push(row(`${kind.what}: on, beside off`, 'off', 'on', limit));
    rows.push(row('  (noise: a second one without)', 'off', 'control'));
    if (kind.handler === 'express') {
      rows.push(row('  beside express-prom-bundle', 'bundle', 'on', 1));
    }
  }
  return rows;
}
