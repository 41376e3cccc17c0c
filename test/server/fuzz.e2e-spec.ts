import { expect, it } from '@jest/globals';
import { runConnectionFuzz } from '../fuzz/connections/fuzz.js';

/** 100,000 of them, with a look at the memory: `npm run test:fuzz:connections`. */
it('lives through 1,000 connections of random and half-right bytes, and answers the next request', async () => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31);
  const { faults } = await runConnectionFuzz({ seed, connections: 1000 });
  // The seed replays it: `npm run test:fuzz:connections -- --count 1000 --seed …`.
  expect({ seed, faults }).toEqual({ seed, faults: [] });
}, 120_000);
