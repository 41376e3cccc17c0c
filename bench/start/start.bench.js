import { withChild } from '../harness/child.js';
import { compared } from '../harness/report.js';
import { alternate, median, medianOf, medianRatio } from '../harness/statistics.js';

const count = 1000;
const rounds = 14;
const firstRounds = 5;
// Of rss one measurement says little: pages come and go by the hundred.
const memoryRounds = 9;
const limit = 2;

export const title = `start: ${count} pooled servers on port 0 against ${count} bare ones`;

function timeRows(suffix, results, limits) {
  const row = (what, part) =>
    compared(`${what}${suffix}`, {
      base: medianOf(results, 'bare', ({ total }) => total),
      pool: medianOf(results, 'pooled', (pooled) => pooled[part]),
      ratio: median(results.map(({ bare, pooled }) => pooled[part] / bare.total)),
      unit: 'ms',
      digits: 1,
      limit: limits[part],
    });
  return [
    row('pool.start()', 'start'),
    row('validate, create and start', 'total'),
    row('validate and create alone', 'create'),
  ];
}

async function warmRows() {
  const results = await withChild('./timing.js', import.meta.url, {}, (child) =>
    child.ask('measure', { count, rounds, warmUps: 2 }),
  );
  return timeRows('', results, { start: limit });
}

/** As an application meets it: each kind in a process that has not started a server before. */
async function firstRows() {
  const first = (kind) => () =>
    withChild('./timing.js', import.meta.url, {}, (child) => child.ask('first', { kind, count }));
  const results = await alternate(
    { bare: first('bare'), pooled: first('pooled') },
    { rounds: firstRounds, warmUps: 0 },
  );
  return timeRows(', first time', results, { start: limit });
}

async function memoryRows() {
  // Code that is thrown away and compiled anew would be counted as growth, or as its opposite.
  const options = { execArgv: ['--expose-gc', '--no-flush-bytecode'] };
  const measure = (kind) => () =>
    withChild('./memory.js', import.meta.url, options, (child) =>
      child.ask('measure', { kind, count }),
    );
  const results = await alternate(
    { bare: measure('bare'), pooled: measure('pooled') },
    { rounds: memoryRounds, warmUps: 0 },
  );
  const row = (what, part, itsLimit) =>
    compared(what, {
      base: medianOf(results, 'bare', (result) => result[part] / 1024),
      pool: medianOf(results, 'pooled', (result) => result[part] / 1024),
      ratio: medianRatio(results, 'pooled', 'bare', (result) => result[part]),
      unit: 'KiB',
      limit: itsLimit,
    });
  return [
    row('memory per server, heap and external', 'heap', 1.5),
    row('memory per server, rss', 'rss', 1.5),
    row(`memory of a process with ${count}, rss`, 'process'),
  ];
}

export async function run() {
  return [...(await warmRows()), ...(await firstRows()), ...(await memoryRows())];
}
