import { withChild } from '../harness/child.js';
import { ratioRow } from '../harness/rows.js';

const many = 1000;
const few = 20;

export const title = `CPU time of apply: one change among ${many.toLocaleString('en')} servers, and none among ${few}`;

const milliseconds = { of: (microseconds) => microseconds / 1000, unit: 'ms' };

export async function run({ isShort, rounds }) {
  return withChild('./apply.js', import.meta.url, {}, async (child) => {
    const none = await child.ask('noChange', { count: few, rounds: rounds(40, 20) });
    const unchanged = (what, options) =>
      ratioRow(`nothing changes, ${few} servers with ${what}`, {
        rounds: none,
        base: 'plain',
        control: 'control',
        peer: `${few} without TLS`,
        limit: 5,
        ...milliseconds,
        ...options,
      });
    const rows = [
      unchanged('certificates in files', { pool: 'files' }),
      unchanged('certificates in the config', { pool: 'texts' }),
    ];
    if (isShort) return rows;
    const one = await child.ask('oneChange', { count: many, rounds: rounds(10) });
    const changed = (what, base, peer, limit, pool = 'apply') =>
      ratioRow(what, { rounds: one, base, pool, peer, limit, ...milliseconds });
    return [
      ...rows,
      changed('one of 1,000 changes', 'stopAndStart', 'stop and start of all', 1 / 20),
      changed('one of 1,000 changes', 'restart', 'pool.restart()'),
      changed('one of 1,000 changes, dry run', 'restart', 'pool.restart()', undefined, 'dryRun'),
    ];
  });
}
