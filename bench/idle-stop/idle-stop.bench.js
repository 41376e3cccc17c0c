import { setTimeout as wait } from 'node:timers/promises';
import { startChild } from '../harness/child.js';
import { descriptorLimit, otherDescriptors } from '../harness/machine.js';
import { ratioRow, skippedRow } from '../harness/rows.js';
import { alternate } from '../harness/statistics.js';

/** Longer than `shutdown.quiet`: the connections are idle, and not just answered. */
const idleMs = 150;

const all = ['terminator', 'pooled', 'control', 'stoppable', 'fastify', 'bare'];
const cases = [
  { count: 2000, limit: 1.4, names: all },
  { count: 10_000, limit: 1.2, names: all.slice(0, 3) },
];
const peers = { stoppable: 'stoppable', fastify: 'Fastify’s close()', bare: 'bare close()' };

export const title =
  'CPU time of a stop with idle keep-alive connections, until the close callbacks have run';

/** Each in a process of its own, for what one leaves behind is cleared away in the time of the next. */
async function measure(names, count, rounds) {
  const client = startChild('../harness/idle-client.js', import.meta.url);
  const servers = Object.fromEntries(
    names.map((name) => [name, startChild('./servers.js', import.meta.url)]),
  );
  const contestant = (name, server) => async () => {
    const port = await server.ask('start', { kind: name === 'control' ? 'terminator' : name });
    await client.ask('open', { ports: [port], count });
    await wait(idleMs);
    const used = await server.ask('stop');
    await client.ask('closed');
    return used;
  };
  const contestants = Object.fromEntries(
    Object.entries(servers).map(([name, server]) => [name, contestant(name, server)]),
  );
  try {
    return await alternate(contestants, { rounds, warmUps: 2 });
  } finally {
    await Promise.all([client, ...Object.values(servers)].map((child) => child.end()));
  }
}

async function rowsOf({ count, limit, names }, rounds) {
  const what = `stop with ${count.toLocaleString('en')} idle connections`;
  if (descriptorLimit() < count + otherDescriptors) {
    return [skippedRow(what, `this process may have ${descriptorLimit()} descriptors`)];
  }
  const results = await measure(names, count, rounds);
  const row = (options) =>
    ratioRow(what, {
      rounds: results,
      of: (microseconds) => microseconds / 1000,
      unit: 'ms',
      ...options,
    });
  const others = names.filter((name) => name in peers);
  return [
    row({ base: 'terminator', control: 'control', peer: 'http-terminator', limit }),
    ...others.map((base) => row({ base, peer: peers[base] })),
  ];
}

export async function run({ isShort, rounds }) {
  if (isShort) return rowsOf({ ...cases[0], names: all.slice(0, 3) }, rounds(5));
  return [...(await rowsOf(cases[0], rounds(9))), ...(await rowsOf(cases[1], rounds(9)))];
}
