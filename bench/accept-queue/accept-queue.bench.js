import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from '../../dist/index.js';
import { withChild } from '../harness/child.js';
import { factRow } from '../harness/rows.js';

const count = 200;
const waitLimitMs = 60_000;

export const title = `A server is removed with ${count} connections in its accept queue`;

const handler = (_request, response) => {
  response.writeHead(200, { 'Content-Length': '2' });
  response.end('ok');
};

/** Meanwhile nothing is accepted, and the system puts all who connect into the queue. */
function blockEventLoopUntil(isOver) {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const end = performance.now() + waitLimitMs;
  while (!isOver()) {
    if (performance.now() > end) throw new Error('not all clients could connect');
    Atomics.wait(cell, 0, 0, 5);
  }
}

/** Removes the server in the turn after which all are connected and none is accepted; tells how many were served. */
async function measure(port, remove) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-accept-queue-'));
  const connectedFile = join(folder, 'connected');
  try {
    return await withChild('./clients.js', import.meta.url, {}, async (clients) => {
      await clients.ask('exchange', { port, count: 0, connectedFile });
      const exchanged = clients.ask('exchange', { port, count, connectedFile });
      // The message goes out in a turn of this loop, before it stands still.
      await new Promise((resolve) => setImmediate(resolve));
      blockEventLoopUntil(() => existsSync(connectedFile));
      const removed = remove();
      const outcomes = await exchanged;
      await removed;
      return outcomes.filter((outcome) => outcome === 'served').length;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
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
      base: bare,
      pool: pooled,
      peer: 'bare close()',
      criterion: `${count}`,
      isMet: pooled === count,
    }),
  ];
}
