import { withChild } from '../harness/child.js';
import { requestRounds } from '../harness/request-cpu.js';
import { ratioRow } from '../harness/rows.js';
import { alternate } from '../harness/statistics.js';

const kinds = [
  { what: 'GET, CPU time per request', request: { path: '/items/7' } },
  {
    what: 'POST, CPU time per request',
    request: { path: '/items', method: 'POST', body: JSON.stringify({ name: 'new' }) },
  },
];

export const title = 'Controllers bound to a server by forFeature, on Express';

async function requestRow({ what, request }, rounds) {
  const results = await requestRounds('./server.js', import.meta.url, {
    request,
    contestants: {
      main: { server: 'main' },
      pooled: { server: 'admin' },
      control: { server: 'main' },
    },
    env: { NODE_ENV: 'production' },
    requests: 800,
    sets: 2,
    rounds,
  });
  const peer = 'the main server';
  const options = { base: 'main', peer, control: 'control', unit: 'µs', limit: 1.05 };
  return ratioRow(what, { rounds: results, ...options });
}

/** In fresh processes, for an application boots once: nothing is compiled or cached yet. */
async function bootRows(rounds) {
  const boot = (kind) => () =>
    withChild('./boot.js', import.meta.url, {}, (child) => child.ask('boot', kind));
  const results = await alternate(
    {
      plain: boot('plain'),
      oneServer: boot('oneServer'),
      fiveServers: boot('fiveServers'),
      oneServerAgain: boot('oneServer'),
      plainAgain: boot('plain'),
    },
    { rounds, warmUps: 0 },
  );
  const row = (options) =>
    ratioRow('boot with 50 controllers on 5 servers, CPU', {
      rounds: results,
      pool: 'fiveServers',
      of: (microseconds) => microseconds / 1000,
      unit: 'ms',
      limit: 1.3,
      ...options,
    });
  return [
    row({ base: 'oneServer', peer: 'on 1 server', control: 'oneServerAgain' }),
    row({ base: 'plain', peer: 'Nest without a pool', control: 'plainAgain' }),
  ];
}

export async function run({ rounds }) {
  const rows = [];
  for (const kind of kinds) rows.push(await requestRow(kind, rounds(12)));
  return [...rows, ...(await bootRows(rounds(5)))];
}
