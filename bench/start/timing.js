/** Starts servers in each way, in turn and in one process, and tells the ms of each. */
import { createServer } from 'node:http';
import { Pool } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';
import { alternate } from '../harness/statistics.js';

const handler = (_request, response) => response.end('ok');

async function bare(count) {
  const began = performance.now();
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = createServer(handler);
          server.once('error', reject);
          server.listen(0, () => resolve(server));
        }),
    ),
  );
  const total = performance.now() - began;
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return { total };
}

async function pooled(count) {
  const began = performance.now();
  const pool = new Pool({ handlers: () => ({ '': handler }) });
  for (let i = 0; i < count; i += 1) await pool.storeNew({ name: `server-${i}`, listen: ':0' });
  const created = performance.now();
  await pool.start();
  const ended = performance.now();
  await pool.clean();
  return { create: created - began, start: ended - created, total: ended - began };
}

const contestants = (count) => ({ bare: () => bare(count), pooled: () => pooled(count) });

answerCommands({
  // No forced collections between: they throw compiled code away, which only delays what comes next.
  measure: ({ count, rounds, warmUps }) => alternate(contestants(count), { rounds, warmUps }),
  first: async ({ kind, count }) => contestants(count)[kind](),
});
