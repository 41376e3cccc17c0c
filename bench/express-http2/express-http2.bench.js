import { requestRounds } from '../harness/request-cpu.js';
import { ratioRow } from '../harness/rows.js';

const limit = 1.25;

const kinds = [
  { what: 'JSON GET', request: {} },
  {
    what: 'JSON POST, with a body parser',
    request: { method: 'POST', body: JSON.stringify({ items: [1, 2, 3, 4, 5] }) },
  },
];

export const title = 'CPU time per request of one Express application, over h2c beside HTTP/1.1';

export async function run({ rounds }) {
  const rows = [];
  for (const { what, request } of kinds) {
    const results = await requestRounds('./server.js', import.meta.url, {
      request,
      contestants: {
        http1: { protocol: 'http1' },
        http2: { protocol: 'http2' },
        control: { protocol: 'http1' },
        raw: { protocol: 'raw' },
      },
      env: { NODE_ENV: 'production' },
      overHttp2: ['http2', 'raw'],
      requests: 1500,
      sets: 2,
      rounds: rounds(10),
    });
    const row = (text, options) =>
      ratioRow(text, { rounds: results, pool: 'http2', unit: 'µs', ...options });
    const beside = { base: 'http1', peer: 'over HTTP/1.1', control: 'control', limit };
    rows.push(
      row(`${what}, Express over HTTP/2`, beside),
      row('  for information', { base: 'raw', peer: 'bare http2, no Express' }),
    );
  }
  return rows;
}
