/**
 * `npm run test:fuzz:connections`: 100,000 connections of random and half-right bytes to servers of every
 * protocol. A failure names the round that it was found in: `-- --seed <seed> --from <number> --count
 * <number>` makes the same connections again.
 */
import { parseArgs } from 'node:util';
import { runConnectionFuzz } from './fuzz.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    from: { type: 'string', default: '0' },
    count: { type: 'string', default: '100000' },
  },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const [from, connections] = [Number(values.from), Number(values.count)];
const began = performance.now();
const MiB = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;

console.log(`seed ${seed}`);
const outcome = await runConnectionFuzz({
  seed,
  from,
  connections,
  warmUp: connections >= 50_000 ? 20_000 : 0,
  onRound: ({ first, count, memory: { held, rss } }) =>
    console.log(`${first} to ${first + count - 1}: held ${MiB(held)}, resident ${MiB(rss)}`),
});
console.log(`${connections} connections in ${Math.round((performance.now() - began) / 1000)} s`);
if (outcome.faults.length > 0) {
  for (const fault of outcome.faults) console.error(fault);
  const { from: first = from, count = connections } = outcome;
  console.error(
    `replay: npm run test:fuzz:connections -- --seed ${seed} --from ${first} --count ${count}`,
  );
  process.exitCode = 1;
}
