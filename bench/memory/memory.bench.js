import { startChild } from '../harness/child.js';
import { ratioRow } from '../harness/rows.js';
import { alternate } from '../harness/statistics.js';

const count = 1500;

// Code that is thrown away and compiled anew would be counted as growth, or as its opposite; and so would a young
// generation that grows meanwhile, which is megabytes at a time: it has its full size from the start.
const execArgv = [
  '--expose-gc',
  '--no-flush-bytecode',
  '--min-semi-space-size=16',
  '--max-semi-space-size=16',
];
const KiB = 1024;

export const title = 'Memory for each server and for each idle connection that was used';

/**
 * How much each of twice `count` more takes, when `count` were there before. The heap is collected in between: what the
 * first half leaves in it would make room for the second.
 */
async function growth(process, more) {
  await more();
  const before = await process.ask('memory');
  await more();
  await process.ask('memory');
  await more();
  const after = await process.ask('memory');
  const each = (part) => (after[part] - before[part]) / (2 * count);
  return { heap: each('heap'), rss: each('rss') };
}

const ofServers = (kind) => async () => {
  const servers = startChild('./servers.js', import.meta.url, { execArgv });
  try {
    return await growth(servers, () => servers.ask('start', { kind, count }));
  } finally {
    await servers.end();
  }
};

async function withClient(work) {
  const server = startChild('./servers.js', import.meta.url, { execArgv });
  const client = startChild('../harness/idle-client.js', import.meta.url);
  try {
    return await work(server, client);
  } finally {
    await Promise.all([server.end(), client.end()]);
  }
}

const ofConnections = (kind) => () =>
  withClient(async (server, client) => {
    const ports = await server.ask('start', { kind, count: 1 });
    return growth(server, () => client.ask('open', { ports, count }));
  });

const ofServed = (kind) => () =>
  withClient((server, client) =>
    growth(server, async () => {
      const ports = await server.ask('start', { kind, count });
      await client.ask('open', { ports, count });
    }),
  );

async function rowsOf(what, measure, rounds, limits) {
  const contestants = {
    bare: measure('bare'),
    pooled: measure('pooled'),
    control: measure('bare'),
  };
  const results = await alternate(contestants, { rounds, warmUps: 0 });
  return Object.entries(limits).map(([part, limit]) =>
    ratioRow(`${what}, ${part}`, {
      rounds: results,
      base: 'bare',
      control: 'control',
      peer: 'bare http',
      of: (result) => result[part] / KiB,
      unit: 'KiB',
      limit,
    }),
  );
}

export async function run({ rounds }) {
  const unused = await rowsOf('a server that nobody has used', ofServers, rounds(5), { heap: 2 });
  const served = await rowsOf('a server with a client', ofServed, rounds(5), { rss: 1.3 });
  const limits = { heap: 1.15, rss: 1.1 };
  return [
    ...unused,
    ...served,
    ...(await rowsOf('an idle connection', ofConnections, rounds(5), limits)),
  ];
}
