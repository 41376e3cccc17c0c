/** A pool of 1,000 running servers, changed by `apply` and restarted in other ways. */
import { Pool } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';
import { alternate } from '../harness/statistics.js';

let pool;
let options;

const handler = (_request, response) => response.end('ok');

async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

let changes = 0;

/** A new list with one server's timeout changed, as from a file that was read again. */
function changedOptions() {
  changes += 1;
  options = structuredClone(options);
  options[options.length >> 1].idleTimeout = 10_000 + changes;
  return options;
}

answerCommands({
  async start({ count }) {
    pool = new Pool({ handlers: () => ({ '': handler }) });
    options = Array.from({ length: count }, (_, i) => ({
      name: `server-${i}`,
      listen: '127.0.0.1:0',
      shutdown: { timeout: '2s' },
    }));
    for (const each of options) await pool.storeNew(each);
    await pool.start();
    return typeof pool.apply === 'function';
  },
  /** @returns Rounds of the ms of each way, and the plan of a dry run. */
  async measure({ rounds }) {
    const plan = await pool.apply(changedOptions(), { dryRun: true });
    const results = await alternate(
      {
        apply: () => {
          const list = changedOptions();
          return timed(() => pool.apply(list));
        },
        dryRun: () => {
          const list = changedOptions();
          return timed(() => pool.apply(list, { dryRun: true }));
        },
        restart: () => timed(() => pool.restart()),
        restartAtOnce: () => timed(() => pool.restart({ concurrency: options.length })),
        stopAndStart: () => timed(async () => (await pool.stop(), await pool.start())),
      },
      { rounds, warmUps: 4 },
    );
    return { plan: JSON.stringify(plan).slice(0, 200), results };
  },
});
