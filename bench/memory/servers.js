/**
 * Tells by how much the process grows with servers of one kind, and with the connections to one. The library
 * is loaded in either case, and so much of the kind was there before that the room which loading has left in
 * the heap is used up: the first thousand bare servers would vanish in it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { answerCommands } from '../harness/child.js';
import { createBare, createPool, listenAll, optionsOf } from '../harness/servers.js';

const kept = [];

/** Longer than a measurement: connections that end meanwhile would be missing in it. */
const idleMs = 600_000;

/** Starts so many, and tells their ports. */
const kinds = {
  async bare(count) {
    const servers = createBare(count);
    for (const server of servers) server.keepAliveTimeout = idleMs;
    kept.push(servers);
    await listenAll(servers);
    return servers.map((server) => server.address().port);
  },
  async pooled(count) {
    const pool = await createPool(optionsOf(count, { idleTimeout: idleMs }));
    kept.push(pool);
    await pool.start();
    return [...pool].map(({ address }) => address.port);
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
  start: ({ kind, count }) => kinds[kind](count),
  memory,
});
