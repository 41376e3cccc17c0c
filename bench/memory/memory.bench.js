import { startChild } from '../harness/child.js';
import { ratioRow } from '../harness/rows.js';
import { alternate } from '../harness/statistics.js';

const count = 2000;

// Code that is thrown away and compiled anew would be counted as growth, or as its opposite.
const execArgv = ['--expose-gc', '--no-flush-bytecode'];
const KiB = 1024;

export const title = 'Memory for each server and for each idle connection that was used';

/** How much each of `count` more takes, when as many were there before. */
async function growth(process, more) {
  await more();
  const before = await process.ask('memory');
  await more();
  const after = await process.ask('memory');
  return { heap: (after.heap - before.heap) / count, rss: (after.rss - before.rss) / count };
}

const ofServers = (kind) => async () => {
  const servers = startChild('./servers.js', import.meta.url, { execArgv });
  try {
    return await growth(servers, () => servers.ask('start', { kind, count }));
  } finally {
    await servers.end();
  }
};

const ofConnections = (kind) => async () => {
  const server = startChild('./servers.js', import.meta.url, { execArgv });
  const client = startChild('../harness/idle-client.js', import.meta.url);
  try {
    const port = await server.ask('start', { kind, count: 1 });
    return await growth(server, () => client.ask('open', { port, count }));
  } finally {
    await Promise.all([server.end(), client.end()]);
  }
};

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
  return [
    ...(await rowsOf('a server that nobody has used', ofServers, rounds(9), {
      heap: 2,
      rss: undefined,
    })),
    ...(await rowsOf('an idle connection', ofConnections, rounds(9), { heap: 1.15, rss: 1.1 })),
  ];
}
