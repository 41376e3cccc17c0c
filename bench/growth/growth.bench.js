import { withChild } from '../harness/child.js';
import { descriptorLimit, otherDescriptors } from '../harness/machine.js';
import { ratioRow, skippedRow, valueRow } from '../harness/rows.js';
import { alternate } from '../harness/statistics.js';

/** For each server, a cost that grows with the servers has 1, and one that grows with their square has 5. */
const limit = 2;

const operations = {
  create: 'create',
  start: 'start',
  firstLoad: 'the first load() after a start',
  load: 'load(), each call',
  store: 'store() over an address, each call',
  apply: 'apply() that changes all',
  restart: 'restart()',
  stop: 'stop()',
};
/** What there is a bare form of: what grows with it grows in the system, or in the caches of the CPU. */
const bareOperations = new Set(['start', 'load', 'stop']);

export const title = 'CPU time for each server, in pools of several sizes';

const nameOf = (kind, count) => `${kind} ${count}`;

/** All sizes in one process, in turn: each is warm, and meets the heap that the others leave. */
function measure(counts, rounds) {
  return withChild('./sizes.js', import.meta.url, {}, async (child) => {
    const contestants = {};
    for (const count of counts) {
      for (const kind of ['bare', 'pooled']) {
        contestants[nameOf(kind, count)] = () => child.ask('measure', { kind, count });
      }
    }
    return alternate(contestants, { rounds, warmUps: 1 });
  });
}

function rowsOf(operation, results, counts) {
  const of = (result) => result[operation];
  const pool = (count) => nameOf('pooled', count);
  const size = (count) => count.toLocaleString('en');
  const common = { rounds: results, of, unit: 'µs' };
  const rows = counts.map((count) => {
    const text = `${operations[operation]}, ${size(count)} ${count === 1 ? 'server' : 'servers'}`;
    if (!bareOperations.has(operation)) {
      return valueRow(text, { values: results.map((round) => of(round[pool(count)])), unit: 'µs' });
    }
    const base = nameOf('bare', count);
    const peer = operation === 'load' ? 'Map.get()' : 'bare';
    return ratioRow(text, { base, pool: pool(count), peer, ...common });
  });
  const [small, large] = counts.slice(-2);
  const hasBare = bareOperations.has(operation);
  const cost = (result, count) =>
    of(result[pool(count)]) / (hasBare ? of(result[nameOf('bare', count)]) : 1);
  const verdict = ratioRow(`${operations[operation]}: from ${size(small)} to ${size(large)}`, {
    rounds: results.map((result) => ({
      small: cost(result, small),
      large: cost(result, large),
    })),
    base: 'small',
    pool: 'large',
    peer: `of ${size(small)}${hasBare ? ', each beside bare' : ''}`,
    limit,
    unit: hasBare ? '' : 'µs',
  });
  return [...rows, verdict];
}

export async function run({ isShort, rounds }) {
  const wanted = isShort ? [200, 1000] : [1, 10, 100, 1000, 5000];
  const counts = wanted.filter((count) => count + otherDescriptors <= descriptorLimit());
  const results = await measure(counts, rounds(13, 4));
  const rows = Object.keys(operations).flatMap((operation) => rowsOf(operation, results, counts));
  const left = wanted.slice(counts.length).map((count) => `${count}`);
  if (left.length === 0) return rows;
  const why = `this process may have ${descriptorLimit()} descriptors`;
  return [...rows, skippedRow(`pools of ${left.join(', ')} servers`, why)];
}
