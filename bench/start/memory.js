/**
 * Tells by how much the process grows when servers of one kind start. The library is loaded in
 * either case, and so many servers of the kind were there before that the room which loading has
 * left in the heap is used up: the first thousand bare ones would vanish in it.
 */
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';

const handler = (_request, response) => response.end('ok');
const kept = [];

const kinds = {
  bare: (count) =>
    Promise.all(
      Array.from({ length: count }, () => {
        const server = createServer(handler);
        kept.push(server);
        return new Promise((resolve) => server.listen(0, resolve));
      }),
    ),
  async pooled(count) {
    const pool = new Pool({ handlers: () => ({ '': handler }) });
    kept.push(pool);
    for (let i = 0; i < count; i += 1) await pool.storeNew({ name: `server-${i}`, listen: ':0' });
    await pool.start();
  },
};

async function memory() {
  for (let i = 0; i < 4; i += 1) {
    globalThis.gc();
    await wait(10);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

answerCommands({
  async measure({ kind, count }) {
    await kinds[kind](count);
    const first = await memory();
    await kinds[kind](2 * count);
    const before = await memory();
    await kinds[kind](3 * count);
    const after = await memory();
    return {
      process: first.rss,
      rss: (after.rss - before.rss) / (3 * count),
      heap: (after.heap - before.heap) / (3 * count),
    };
  },
});
