import { withChild } from '../harness/child.js';
import { compared, skipped } from '../harness/report.js';
import { requestCpu } from '../harness/request-cpu.js';
import { alternate, medianOf, medianRatio } from '../harness/statistics.js';

const processes = 2;
const rounds = 16;
const requests = 800;
const bootRounds = 5;

export const title = 'feature: controllers bound to a server by forFeature (Express)';

const kinds = [
  { what: 'GET, CPU time per request', request: { path: '/items/7' } },
  {
    what: 'POST, CPU time per request',
    request: { path: '/items', method: 'POST', body: JSON.stringify({ name: 'new' }) },
  },
];

async function requestRows({ what, request }) {
  const results = [];
  for (let i = 0; i < processes; i += 1) {
    const startOptions = { isReversed: i % 2 === 1 };
    const options = { env: { NODE_ENV: 'production' } };
    const more = await withChild('./server.js', import.meta.url, options, (server) =>
      requestCpu(server, { request, requests, rounds, startOptions }),
    );
    results.push(...more);
  }
  const row = (text, name, limit) =>
    compared(text, {
      base: medianOf(results, 'main'),
      pool: medianOf(results, name),
      ratio: medianRatio(results, name, 'main'),
      unit: 'us',
      limit,
    });
  return [row(what, 'pooled', 1.05), row('  (noise: a second main server)', 'control')];
}

/** In fresh processes, for an application boots once: nothing is compiled or cached yet. */
async function bootRows() {
  const boot = (kind) => () =>
    withChild('./boot.js', import.meta.url, {}, (child) => child.ask('boot', kind));
  const results = await alternate(
    {
      plain: boot('plain'),
      oneServer: boot('oneServer'),
      fiveServers: boot('fiveServers'),
    },
    { rounds: bootRounds, warmUps: 0 },
  );
  const row = (text, name, baseName, limit) =>
    compared(text, {
      base: medianOf(results, baseName),
      pool: medianOf(results, name),
      ratio: medianRatio(results, name, baseName),
      unit: 'ms',
      digits: 1,
      limit,
    });
  return [
    row('boot: 50 controllers on 5 servers against 1', 'fiveServers', 'oneServer', 1.3),
    row('boot: 5 servers against Nest without a pool', 'fiveServers', 'plain', 1.3),
  ];
}

export async function run() {
  const { HttpPoolModule } = await import('../../dist/index.js');
  if (typeof HttpPoolModule?.forFeature !== 'function') {
    return [skipped('forFeature', 'the package has no HttpPoolModule.forFeature yet')];
  }
  const rows = [];
  for (const kind of kinds) rows.push(...(await requestRows(kind)));
  return [...rows, ...(await bootRows())];
}
