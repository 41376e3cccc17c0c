/** The longest turn of the event loop while a pool does something, in milliseconds. */
import { setTimeout as wait } from 'node:timers/promises';
import { answerCommands } from '../harness/child.js';
import { startHeld } from '../harness/cpu.js';
import { closeAll, createBare, createPool, listenAll, optionsOf } from '../harness/servers.js';
import { alternate } from '../harness/statistics.js';

/** So long nothing is done: what is seen then is the machine's. */
const idleMs = 100;

async function longestTurn(work) {
  let longest = 0;
  let goesOn = true;
  let held = startHeld();
  const look = () => {
    longest = Math.max(longest, held());
    held = startHeld();
    if (goesOn) setImmediate(look);
  };
  setImmediate(look);
  await work();
  goesOn = false;
  look();
  return longest;
}

async function pooled(count) {
  const pool = await createPool(optionsOf(count));
  const start = await longestTurn(() => pool.start());
  const apply = await longestTurn(() => pool.apply(optionsOf(count, { idleTimeout: '2h' })));
  const restart = await longestTurn(() => pool.restart());
  const stop = await longestTurn(() => pool.stop());
  return { start, apply, restart, stop };
}

async function bare(count) {
  const servers = createBare(count);
  const start = await longestTurn(() => listenAll(servers));
  const stop = await longestTurn(() => closeAll(servers));
  return { start, stop };
}

answerCommands({
  measure: ({ count, rounds }) =>
    alternate(
      {
        pooled: () => pooled(count),
        bare: () => bare(count),
        idle: () => longestTurn(() => wait(idleMs)),
      },
      { rounds, warmUps: 2 },
    ),
});
