import { withChild } from '../harness/child.js';
import { ratioRow } from '../harness/rows.js';

const few = 500;

export const title = 'CPU time of a look-up in a pool';

export async function run({ isShort, rounds }) {
  const ask = (command, argument) =>
    withChild('./lookup.js', import.meta.url, {}, (child) => child.ask(command, argument));
  const canonical = await ask('canonical', { count: 10_000, rounds: rounds(20, 10) });
  const many = isShort ? 2000 : 5000;
  const real = await ask('real', { few, many, rounds: rounds(12, 6) });
  const options = { control: 'control', unit: 'ns' };
  return [
    ratioRow('load() by a canonical address among 10,000', {
      rounds: canonical,
      base: 'map',
      peer: 'Map.get()',
      limit: 8,
      ...options,
    }),
    ratioRow(`load() by the real address of a port 0, among ${many.toLocaleString('en')}`, {
      // Constant but for what the caches of the processor hold, as that of a map: by size it would be 10.
      rounds: real.map((round) => ({
        few: round.few / round.mapOfFew,
        many: round.many / round.mapOfMany,
        control: round.control / round.mapOfFew,
      })),
      base: 'few',
      pool: 'many',
      peer: `among ${few}, each beside Map.get()`,
      limit: 2,
      control: 'control',
      unit: '',
    }),
  ];
}
