/**
 * Random sequences of calls on a pool, many of them at once, held against what must be true whenever
 * nothing is under way. A failure is shrunk to a short sequence, and can be replayed by its seed.
 */
import fc from 'fast-check';
import { make, onPool, sequence } from './calls.js';
import { check } from './invariants.js';
import { Orders } from './orders.js';
import { World } from './world.js';

/** For so long a call may be under way when nothing holds it up. */
const longestCallMs = 20_000;

/**
 * @param library `Pool`, `PooledServer` and `serverOf`
 * @returns the number of sequences
 * @throws the shortest sequence that was found to fail, with its seed
 */
export async function runFuzz(library, { runs, seed, path, tls, onSequence, timeLimitMs }) {
  const property = fc.asyncProperty(sequence, async (input) => {
    onSequence?.();
    const faults = await runSequence(library, tls, input);
    if (faults.length > 0) throw new Error(faults.join('\n'));
  });
  const details = await fc.check(property, {
    numRuns: runs,
    seed,
    path,
    endOnFailure: process.env.FUZZ_SHRINK === '0',
    ...(timeLimitMs && { interruptAfterTimeLimit: timeLimitMs }),
  });
  if (details.failed) {
    const { errorInstance } = details;
    const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
    throw new Error(`${why}\n\n${fc.defaultReportMessage(details)}`);
  }
  return { runs: details.numRuns, seed: details.seed };
}

async function runSequence(library, tls, { logger, steps, reactions }) {
  const world = new World(library, { tls, logger, reactions });
  const orders = new Orders(world);
  const pending = new Map();
  const start = (step) => {
    const call = onPool(world, step);
    const outcome = make(world, call).then(
      () => undefined,
      (error) => {
        world.faults.push(...errorFaults(call, error));
        return error;
      },
    );
    pending.set(outcome, call);
    orders.follow(call, outcome);
    void outcome.finally(() => pending.delete(outcome));
    return outcome;
  };
  world.react = (call) => void start(call);
  try {
    for (const { call: planned, next } of steps) {
      const call = onPool(world, planned);
      const look = call.probation === undefined ? snapshot : lasting;
      const before = pending.size === 0 && next === 'settle' ? look(world) : undefined;
      const outcome = start(call);
      if (next === 'turn') await new Promise(setImmediate);
      if (next !== 'settle') continue;
      const faults = await settle(world, pending, orders);
      if (faults.length > 0) return faults;
      const error = await outcome;
      if (before && error && mustKeep(call) && reactions.length === 0 && look(world) !== before) {
        return [
          `a failed ${call.kind} changed something (${error.message}):\n${before}\n${look(world)}`,
        ];
      }
    }
    const faults = await settle(world, pending, orders);
    if (faults.length > 0) return faults;
    world.react = undefined;
    await world.end();
    const left = await settle(world, pending, orders);
    const running = [...world.known].filter(({ state }) => state !== 'stopped');
    return [...left, ...running.map(({ name, state }) => `${name} is ${state} at the end`)];
  } finally {
    world.react = undefined;
    await world.end().catch(() => undefined);
    world.dispose();
  }
}

/** Waits until nothing is under way, and then looks. */
async function settle(world, pending, orders) {
  const began = performance.now();
  while (pending.size > 0) {
    await Promise.race([
      Promise.all(pending.keys()),
      new Promise((resolve) => setTimeout(resolve, 10)),
    ]);
    // What waits for a default TLS or for an address waits for ever, unless it comes.
    if (pending.size > 0) world.answerAll();
    const late = performance.now() - began;
    if (late > 200) await world.freeAll();
    if (late < longestCallMs) continue;
    return [...pending.values()].map((call) => `does not settle: ${JSON.stringify(call)}`);
  }
  await quiet(world);
  return [...(await check(world)), ...orders.check()];
}

/** Servers try again in the background, and leave a pool after a call; both come to an end. */
async function quiet(world) {
  world.note();
  for (let round = 0; round < 200; round += 1) {
    const busy = [...world.known].some(
      ({ state }) => !['stopped', 'running', 'failed'].includes(state),
    );
    if (!busy && round > 1) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
    if (round > 50) await world.freeAll();
    world.answerAll();
  }
}

/** Those that promise that the pool is as before when they fail. */
function mustKeep({ kind }) {
  return ['storeNew', 'store', 'apply', 'setConfig', 'unreadable'].includes(kind);
}

/** Whatever fails, it is told by an error of the library, which has a code, and so has each that it gathers. */
function errorFaults({ kind }, error) {
  const all = [error, ...(error?.errors ?? [])];
  const foreign = all.filter(
    (each) => !/^(Pool|Server)Error$/.test(each?.name) || !/^ERR_(POOL|SERVER)_/.test(each.code),
  );
  return foreign.map((each) => `${kind} failed with an error of another: ${each?.stack ?? each}`);
}

/** What is back after a probation was started anew. One that had failed may run now: then there is nothing to hold it to. */
function lasting({ pool }) {
  const servers = [...pool];
  if (servers.some(({ state }) => state === 'failed')) return undefined;
  return JSON.stringify(
    servers.map(({ name, bind, state, config }) => [name, bind, state, config]),
  );
}

function snapshot({ pool }) {
  return JSON.stringify(
    [...pool].map((server) => [server.name, server.bind, server.state, server.url, server.config]),
  );
}
