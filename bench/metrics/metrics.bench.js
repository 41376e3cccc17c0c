import { requestRounds } from '../harness/request-cpu.js';
import { ratioRow } from '../harness/rows.js';

const kinds = [
  { what: 'Nest on Express', handler: 'express', requests: 1500 },
  { what: 'Nest on Fastify', handler: 'fastify', requests: 2000 },
  { what: 'a plain listener', handler: 'plain', requests: 2500 },
];

export const title = 'CPU time per request of a trivial route with metrics';

export async function run({ rounds }) {
  const rows = [];
  for (const { what, handler, requests } of kinds) {
    const results = await requestRounds('./server.js', import.meta.url, {
      contestants: {
        off: { kind: 'off', handler },
        on: { kind: 'on', handler },
        control: { kind: 'off', handler },
        ...(handler === 'express' && { bundle: { kind: 'bundle', handler } }),
      },
      request: { path: '/hello' },
      requests,
      sets: 3,
      rounds: rounds(8),
    });
    const row = (text, options) =>
      ratioRow(text, { rounds: results, pool: 'on', unit: 'µs', ...options });
    const beside = { base: 'off', peer: 'metrics off', control: 'control', limit: 1.05 };
    rows.push(row(`${what}, metrics on`, beside));
    if (handler === 'express') {
      const bundle = { base: 'bundle', peer: 'express-prom-bundle', limit: 1 };
      rows.push(row(`${what}, metrics on`, bundle));
    }
  }
  return rows;
}
