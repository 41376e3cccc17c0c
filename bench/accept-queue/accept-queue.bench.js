import { createServer } from 'node:http';
import { Pool } from '../../dist/index.js';
import { withChild } from '../harness/child.js';
import { factRow } from '../harness/rows.js';

const count = 200;
/** For so long nothing is accepted, and the system puts all who connect into the queue. */
const blockMs = 400;

export const title = `A server is removed with ${count} connections in its accept queue`;

const handler = (_request, response) => {
  response.writeHead(200, { 'Content-Length': '2' });
  response.end('ok');
};

function blockEventLoop() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockMs);
}

/** Removes the server in the turn after which all are connected and none is accepted. */
async function measure(port, remove) {
  return withChild('./clients.js', import.meta.url, {}, async (clients) => {
    await clients.ask('exchange', { port, count: 0 });
    const exchanged = clients.ask('exchange', { port, count });
    // The message goes out in a turn of this loop, before it stands still.
    await new Promise((resolve) => setImmediate(resolve));
    blockEventLoop();
    const removedAt = Date.now();
    const removed = remove();
    const results = await exchanged;
    await removed;
    const queued = results.filter(({ connectedAt }) => connectedAt < removedAt).length;
    const served = results.filter(({ outcome }) => outcome === 'served').length;
    return { queued, served };
  });
}

async function removeBare() {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return measure(server.address().port, () => new Promise((resolve) => server.close(resolve)));
}

async function removePooled() {
  const pool = new Pool({ handlers: () => ({ '': handler }) });
  const server = await pool.storeNew({ name: 'queued', listen: '127.0.0.1:0' }, { start: true });
  const { host, port } = server.address;
  return measure(port, () => pool.delete(`${host}:${port}`));
}

export async function run() {
  const bare = await removeBare();
  const pooled = await removePooled();
  return [
    factRow('served of those in the queue when it was removed', {
      base: `${bare.served} of ${bare.queued}`,
      pool: `${pooled.served} of ${pooled.queued}`,
      peer: 'bare close()',
      criterion: `${count} of ${count}`,
      isMet: pooled.served === count && pooled.queued === count,
    }),
  ];
}
