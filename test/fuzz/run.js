/**
 * `npm run test:fuzz`: FUZZ_RUNS sequences (1,000 unless told), from FUZZ_SEED (a new one each time unless
 * told). A failure prints the shortest sequence that was found, its seed and its path: give those as
 * FUZZ_SEED and FUZZ_PATH to replay it.
 */
import * as library from '../../dist/index.js';
import { certificates } from './tls.js';
import { runFuzz } from './fuzz.js';

const { FUZZ_RUNS = '1000', FUZZ_SEED, FUZZ_PATH } = process.env;
const seed = FUZZ_SEED === undefined ? Date.now() % 2 ** 31 : Number(FUZZ_SEED);
const unheard = [];
process.on('unhandledRejection', (error) => unheard.push(error));
process.on('uncaughtException', (error) => unheard.push(error));
process.on('warning', ({ name, message }) => {
  if (name === 'MaxListenersExceededWarning') unheard.push(message);
});

const began = performance.now();
let sequences = 0;
console.log(`seed ${seed}`);
try {
  await runFuzz(library, {
    runs: Number(FUZZ_RUNS),
    seed,
    path: FUZZ_PATH,
    tls: await certificates(),
    onSequence() {
      sequences += 1;
      if (sequences % 100 === 0) console.log(`${sequences} sequences`);
    },
  });
  console.log(`${sequences} sequences in ${Math.round((performance.now() - began) / 1000)} s`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
for (const error of unheard) {
  console.error('nobody has caught:', error);
  process.exitCode = 1;
}
