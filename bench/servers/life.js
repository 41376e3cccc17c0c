/** Creates, starts and stops servers without a connection, and tells what each took. */
import { answerCommands } from '../harness/child.js';
import { cpuOf } from '../harness/cpu.js';
import { closeAll, createBare, createPool, listenAll, optionsOf } from '../harness/servers.js';
import { alternate } from '../harness/statistics.js';

/** Of bare ones creation is next to nothing: they are held against both as one, creation and `listen()`. */
async function bare(count) {
  let servers;
  const both = await cpuOf(() => listenAll((servers = createBare(count))));
  return { create: both, start: both, ...(await stopped(() => closeAll(servers))) };
}

async function pooled(count) {
  const options = optionsOf(count);
  let pool;
  const create = await cpuOf(async () => (pool = await createPool(options)));
  const start = await cpuOf(() => pool.start());
  return { create, start, ...(await stopped(() => pool.stop())) };
}

async function stopped(stop) {
  const began = performance.now();
  return { stop: await cpuOf(stop), stopMs: performance.now() - began };
}

answerCommands({
  // No forced collections between: they throw compiled code away, which only delays what comes next.
  alternate: ({ count, rounds, warmUps }) =>
    alternate(
      { bare: () => bare(count), pooled: () => pooled(count), control: () => bare(count) },
      { rounds, warmUps },
    ),
  first: ({ kind, count }) => (kind === 'pooled' ? pooled : bare)(count),
});
