import { expect, it } from '@jest/globals';
import { Pool } from '../../lib/index.js';
import { runSoak } from '../soak/soak.js';

/** The long run is `npm run test:soak`. */
it('loses no request in 120 changes under load, over http, https, h2c and h2', async () => {
  const { changes, servers, difference, answered, losses, cut } = await runSoak(
    { Pool },
    { changes: 120 },
  );
  expect(servers.map(({ name, failures }) => ({ name, failures }))).toEqual([
    { name: 'http', failures: [] },
    { name: 'https', failures: [] },
    { name: 'h2c', failures: [] },
    { name: 'h2', failures: [] },
  ]);
  expect(difference).toEqual({
    brokenUploads: [],
    twice: [],
    unknownToServer: [],
    unknownToClient: [],
  });
  expect({ losses, cut }).toEqual({ losses: 0, cut: [] });
  // The load was there, and the changes took effect.
  const total = (counts: Record<string, number>): number =>
    Object.values(counts).reduce((sum, count) => sum + count, 0);
  expect(Object.values(changes).map(total)).toEqual([30, 30, 30, 30]);
  expect(answered).toBe(servers.reduce((sum, { requests }) => sum + requests, 0));
  expect(answered).toBeGreaterThan(120 * 25);
  expect(servers.map(({ clients }) => clients)).toEqual([8, 8, 8, 8]);
  expect(servers.every(({ handlers }) => handlers > 20)).toBe(true);
  expect(servers.map(({ certificates }) => certificates)).toEqual([0, 2, 0, 2]);
}, 120_000);
