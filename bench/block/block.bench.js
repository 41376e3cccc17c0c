import { withChild } from '../harness/child.js';
import { valueRow } from '../harness/rows.js';
import { median } from '../harness/statistics.js';

const count = 1000;
const limit = 5;

export const title = `Longest turn of the event loop, with ${count.toLocaleString('en')} servers`;

export async function run({ rounds }) {
  const results = await withChild('./turns.js', import.meta.url, {}, (child) =>
    child.ask('measure', { count, rounds: rounds(12) }),
  );
  const bareOf = (operation) => {
    const values = results.map(({ bare }) => bare[operation]).filter(Number.isFinite);
    return values.length > 0 ? { name: 'bare, all in a row', value: median(values) } : undefined;
  };
  // What the machine holds a loop up that has nothing to do, it holds up any.
  const noise = median(results.map(({ idle }) => idle));
  return ['start', 'apply', 'restart', 'stop'].map((operation) =>
    valueRow(operation === 'apply' ? 'apply that changes all' : operation, {
      values: results.map(({ pooled }) => pooled[operation]),
      peer: bareOf(operation),
      noise,
      limit,
      unit: 'ms',
    }),
  );
}
