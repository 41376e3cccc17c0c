import { requestRounds } from '../harness/request-cpu.js';
import { ratioRow } from '../harness/rows.js';

const kinds = [
  { what: 'hello world, keep-alive', handler: 'hello', requests: 3000, limit: 1.02 },
  {
    what: 'JSON POST, keep-alive',
    handler: 'json',
    requests: 2500,
    request: { method: 'POST', body: JSON.stringify({ items: [1, 2, 3, 4, 5] }) },
    limit: 1.02,
  },
  {
    what: 'hello world, a connection for each request',
    handler: 'hello',
    // So many that the warm-ups see what is done for a connection compiled, as for a request.
    requests: 1200,
    isAnew: true,
    limit: 1.05,
  },
];

export const title = 'CPU time of the server process per request';

export async function run({ isShort, rounds }) {
  const rows = [];
  for (const { what, handler, limit, requests, ...load } of kinds) {
    const results = await requestRounds('./server.js', import.meta.url, {
      ...load,
      contestants: {
        bare: { kind: 'bare', handler },
        pooled: { kind: 'pooled', handler },
        control: { kind: 'bare', handler },
      },
      requests: isShort ? requests / 2 : requests,
      sets: isShort ? 2 : 3,
      rounds: rounds(10, 8),
    });
    rows.push(
      ratioRow(what, {
        rounds: results,
        base: 'bare',
        control: 'control',
        peer: 'bare http',
        unit: 'µs',
        limit,
      }),
    );
  }
  return rows;
}
