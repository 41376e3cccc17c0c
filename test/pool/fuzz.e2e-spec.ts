import { expect, it } from '@jest/globals';
import { Pool, PooledServer, serverOf } from '../../lib/index.js';
import { runFuzz } from '../fuzz/fuzz.js';
import { tls } from '../support/certificates.js';

/** More of them, and with a look at what nobody has caught: `npm run test:fuzz`. */
it('keeps its promises in 1,000 random sequences of calls at once', async () => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
  // Shown when it fails: `FUZZ_SEED=… npm run test:fuzz` replays it.
  const { runs } = await runFuzz({ Pool, PooledServer, serverOf }, { runs: 1000, seed, tls });
  expect(runs).toBe(1000);
}, 600_000);
