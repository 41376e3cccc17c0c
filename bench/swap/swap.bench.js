import { startChild, withChild } from '../harness/child.js';
import { factRow, ratioRow, valueRow } from '../harness/rows.js';

const connections = 32;
const times = 200;
const pauseMs = 10;
const limitMs = 5;

export const title = `Swap of a transport: ${times} restarts under ${connections} keep-alive connections`;

async function measure({ isSecure }) {
  const server = startChild('./server.js', import.meta.url);
  const clients = startChild('./clients.js', import.meta.url);
  try {
    const port = await server.ask('start', { isSecure });
    await clients.ask('begin', { port, secure: isSecure, connections });
    const swaps = await server.ask('swap', { times, pauseMs });
    const counts = await clients.ask('finish');
    await server.ask('stop');
    return { swaps, counts };
  } finally {
    await Promise.all([server.end(), clients.end()]);
  }
}

function rowsOf(what, { swaps, counts: { answers, failures } }) {
  return [
    valueRow(`${what}, from the call to its end, p99`, {
      values: swaps,
      percent: 99,
      limit: limitMs,
      unit: 'ms',
    }),
    factRow(`${what}, failed of ${answers.toLocaleString('en')} POSTs`, {
      pool: `${failures.length} ${[...new Set(failures)].join(' ')}`.trim(),
      criterion: 'none',
      isMet: failures.length === 0,
    }),
  ];
}

async function contextRow(rounds) {
  const results = await withChild('./server.js', import.meta.url, {}, (child) =>
    child.ask('cpu', { rounds }),
  );
  return ratioRow('https beyond http, CPU time without load', {
    rounds: results.map(({ context, control, http, https }) => ({
      context,
      control,
      pooled: https - http,
    })),
    base: 'context',
    control: 'control',
    peer: 'createSecureContext()',
    of: (microseconds) => microseconds / 1000,
    unit: 'ms',
    // With the same certificate no new context is made, which would be 1.
    limit: 0.5,
  });
}

export async function run({ rounds }) {
  return [
    ...rowsOf('http', await measure({ isSecure: false })),
    ...rowsOf('https', await measure({ isSecure: true })),
    await contextRow(rounds(60)),
  ];
}
