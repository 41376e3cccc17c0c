/** Servers without a connection, bare and in a pool, for the benches that create, start and stop them. */
import { createServer } from 'node:http';
import { Pool } from '../../dist/index.js';

export const handler = (_request, response) => response.end('ok');

export const createBare = (count) => Array.from({ length: count }, () => createServer(handler));

export const listenAll = (servers) =>
  Promise.all(
    servers.map(
      (server) =>
        new Promise((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', resolve);
        }),
    ),
  );

export const closeAll = (servers) =>
  Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));

/** One list for each call, as it is read from a file. */
export const optionsOf = (count, more = {}) =>
  Array.from({ length: count }, (_, i) => ({
    name: `server-${i}`,
    listen: '127.0.0.1:0',
    ...more,
  }));

export async function createPool(options) {
  const pool = new Pool({ handlers: () => ({ '': handler }) });
  for (const each of options) await pool.storeNew(each);
  return pool;
}
