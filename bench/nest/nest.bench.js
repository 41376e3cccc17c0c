import { requestRounds } from '../harness/request-cpu.js';
import { ratioRow } from '../harness/rows.js';

const adapters = [
  { name: 'Express', adapter: 'express', requests: 1500 },
  { name: 'Fastify', adapter: 'fastify', requests: 2500 },
];

const limit = 1.02;

export const title = 'CPU time per request of a Nest application, trivial route';

export async function run({ rounds }) {
  const rows = [];
  for (const { name, adapter, requests } of adapters) {
    const results = await requestRounds('./server.js', import.meta.url, {
      contestants: {
        recipe: { kind: 'recipe', adapter },
        pooled: { kind: 'pooled', adapter },
        control: { kind: 'recipe', adapter },
        listen: { kind: 'listen', adapter },
      },
      env: { NODE_ENV: 'production' },
      requests,
      sets: 3,
      rounds: rounds(10),
      request: { path: '/hello' },
    });
    const row = (what, options) =>
      ratioRow(what, { rounds: results, control: 'control', unit: 'µs', ...options });
    rows.push(
      row(`Nest on ${name}`, { base: 'recipe', peer: 'the official recipe', limit }),
      row('  for information', { base: 'listen', peer: 'app.listen()', control: undefined }),
    );
  }
  return rows;
}
