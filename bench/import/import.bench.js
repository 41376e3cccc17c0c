import { withChild } from '../harness/child.js';
import { noiseBetween, valueRow } from '../harness/rows.js';
import { alternate } from '../harness/statistics.js';

const limit = 40;

export const title = 'CPU time of the import, where Nest, terminus and class-validator are loaded';

export async function run({ rounds }) {
  const load = () =>
    withChild('./load.js', import.meta.url, {}, (child) => child.ask('load')).then(
      (microseconds) => microseconds / 1000,
    );
  const results = await alternate({ first: load, second: load }, { rounds: rounds(12, 5) });
  const values = results.map(({ first }) => first);
  const others = results.map(({ second }) => second);
  return [
    valueRow('import of nestjs-http-pool', {
      values: [...values, ...others],
      noise: noiseBetween(values, others),
      limit,
      unit: 'ms',
    }),
  ];
}
