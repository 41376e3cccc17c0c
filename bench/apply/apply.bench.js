import { withChild } from '../harness/child.js';
import { compared, skipped } from '../harness/report.js';
import { medianOf, medianRatio } from '../harness/statistics.js';

const count = 1000;
const rounds = 10;
const limit = 1 / 20;

export const title = `apply: ${count} servers with one change against a restart of all`;

export async function run() {
  return withChild('./apply.js', import.meta.url, {}, async (child) => {
    if (!(await child.ask('start', { count }))) {
      return [skipped('pool.apply with one change', 'the pool has no apply yet')];
    }
    const { results } = await child.ask('measure', { rounds });
    const row = (what, name, baseName, itsLimit) =>
      compared(what, {
        base: medianOf(results, baseName),
        pool: medianOf(results, name),
        ratio: medianRatio(results, name, baseName),
        unit: 'ms',
        limit: itsLimit,
      });
    return [
      row('apply against pool.restart()', 'apply', 'restart'),
      row('apply against stop and start', 'apply', 'stopAndStart', limit),
      row('apply against restart, all at once', 'apply', 'restartAtOnce'),
      row('dry run against pool.restart()', 'dryRun', 'restart'),
    ];
  });
}
