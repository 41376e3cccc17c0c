/**
 * The long soak: `npm run test:soak`, or `node test/soak/run.js [changes] [clientsPerServer]` after
 * a build. Exits with 1 when anything was lost.
 */
import * as library from '../../dist/index.js';
import { describeSoak } from './report.js';
import { runSoak } from './soak.js';

const [changes = 1000, clientsPerServer = 8] = process.argv.slice(2).map(Number);
const began = performance.now();

const outcome = await runSoak(library, {
  changes,
  clientsPerServer,
  stallEvery: 10,
  onProgress(made) {
    if (made % 100 === 0) console.log(`${made} of ${changes} changes`);
  },
});

for (const line of describeSoak(outcome)) console.log(line);
console.log(`in ${Math.round((performance.now() - began) / 1000)} s`);
if (outcome.losses > 0) process.exitCode = 1;
