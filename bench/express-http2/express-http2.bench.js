import { startChild, withChild } from '../harness/child.js';
import { compared } from '../harness/report.js';
import { alternate, medianOf, medianRatio } from '../harness/statistics.js';

/** What differs from process to process (addresses, the moments of compilation) is averaged out. */
const processes = 2;
const rounds = 8;
/** So many at a time: connections over HTTP/1.1, streams of one session over HTTP/2. */
const connections = 16;
const requests = 2000;
const limit = 1.25;

const kinds = [
  { what: 'JSON GET', request: {} },
  {
    what: 'JSON POST, with a body parser',
    request: { method: 'POST', body: JSON.stringify({ items: [1, 2, 3, 4, 5] }) },
  },
];

export const title = 'express-http2: CPU time per request of one Express application';

function measure(request) {
  return withChild('./server.js', import.meta.url, { env: { NODE_ENV: 'production' } }, measureOn);

  async function measureOn(server) {
    const http1 = startChild('../harness/load-client.js', import.meta.url);
    const http2 = startChild('../harness/http2-load-client.js', import.meta.url);
    try {
      const ports = await server.ask('start');
      const contestant = (client, port) => async () => {
        await client.ask('open', { port, connections, request: { path: '/', ...request } });
        const begin = await server.ask('begin');
        await client.ask('load', { requests });
        const used = await server.ask('end', begin);
        await client.ask('close');
        return used / requests;
      };
      const contestants = {
        http1: contestant(http1, ports.http1),
        http2: contestant(http2, ports.http2),
        raw: contestant(http2, ports.raw),
      };
      return await alternate(contestants, { rounds, warmUps: 2 });
    } finally {
      await Promise.all([http1.end(), http2.end()]);
    }
  }
}

/** In the column `base` HTTP/1.1, in the column `pool` HTTP/2. */
export async function run() {
  const rows = [];
  for (const { what, request } of kinds) {
    const results = [];
    for (let i = 0; i < processes; i += 1) results.push(...(await measure(request)));
    const row = (text, name, itsLimit) =>
      compared(text, {
        base: medianOf(results, 'http1'),
        pool: medianOf(results, name),
        ratio: medianRatio(results, name, 'http1'),
        unit: 'us',
        limit: itsLimit,
      });
    rows.push(row(`${what}: HTTP/2 beside HTTP/1.1`, 'http2', limit));
    rows.push(row('  (plain node:http2, without Express)', 'raw'));
  }
  return rows;
}
