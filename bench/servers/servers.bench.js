import { withChild } from '../harness/child.js';
import { noiseBetween, ratioRow, valueRow } from '../harness/rows.js';
import { alternate, median } from '../harness/statistics.js';

const count = 500;

export const title = `CPU time of creating, starting and stopping ${count} servers without a connection`;

const operations = {
  create: { text: 'validate and create', peer: 'bare create and listen' },
  start: { text: 'start', peer: 'bare create and listen' },
  stop: { text: 'stop', peer: 'bare close()' },
};

function rowsOf(results, when, limits) {
  return Object.entries(operations).map(([operation, { text, peer }]) =>
    ratioRow(`${text}, ${when}`, {
      rounds: results,
      base: 'bare',
      control: 'control',
      peer,
      of: (result) => result[operation] / 1000,
      unit: 'ms',
      limit: limits[operation],
    }),
  );
}

const alternateInOne = (options) =>
  withChild('./life.js', import.meta.url, {}, (child) => child.ask('alternate', options));

/** As an application meets it: each in a process that has not started a server before. */
function alternateFirst(rounds) {
  const first = (kind) => () =>
    withChild('./life.js', import.meta.url, {}, (child) => child.ask('first', { kind, count }));
  const contestants = { bare: first('bare'), pooled: first('pooled'), control: first('bare') };
  return alternate(contestants, { rounds, warmUps: 0 });
}

/** A wait of a fixed time would show here, and nowhere in CPU time. */
async function waitRow(rounds) {
  const results = await alternateInOne({ count: 1, rounds, warmUps: 5 });
  const timesOf = (name) => results.map((round) => round[name].stopMs);
  return valueRow('stop of one server, from the call to its end', {
    values: timesOf('pooled'),
    noise: noiseBetween(timesOf('bare'), timesOf('control')),
    peer: { name: 'bare close()', value: median(timesOf('bare')) },
    limit: 5,
    unit: 'ms',
  });
}

export async function run({ isShort, rounds }) {
  const warm = await alternateInOne({ count, rounds: rounds(24, 12), warmUps: 4 });
  const first = await alternateFirst(rounds(12, 7));
  return [
    ...rowsOf(warm, 'warm', { create: 1.5, stop: 3 }),
    // Not met on every machine: it is told in the short form, and judged in the full one.
    ...rowsOf(first, 'first time', { create: 4, start: isShort ? undefined : 1.5, stop: 5 }),
    await waitRow(rounds(24, 12)),
  ];
}
