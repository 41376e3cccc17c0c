import { startChild } from '../harness/child.js';
import { measured } from '../harness/report.js';
import { percentile } from '../harness/statistics.js';

const connections = 32;
const times = 200;
const pauseMs = 10;
const limitMs = 5;

async function measure({ secure }) {
  const server = startChild('./server.js', import.meta.url);
  const clients = startChild('./clients.js', import.meta.url);
  try {
    const port = await server.ask('start', { secure });
    await clients.ask('begin', { port, secure, connections });
    const held = await server.ask('swap', { times, pauseMs });
    const counts = await clients.ask('finish');
    await server.ask('stop');
    return { held, counts };
  } finally {
    await Promise.all([server.end(), clients.end()]);
  }
}

function rowsOf(what, { held, counts: { answers, reopened, failures } }) {
  const [p50, p99, most] = [50, 99, 100].map((percent) => percentile(held, percent));
  return [
    measured(`${what}, a swap holds its caller, p99 (p50 ${p50.toFixed(2)}, max ${most.toFixed(2)})`, {
      value: `${p99.toFixed(2)} ms`,
      criterion: `< ${limitMs} ms`,
      ok: p99 < limitMs,
    }),
    measured(`${what}, failures of ${answers} POSTs, ${reopened} told to reconnect`, {
      value: `${failures.length} ${[...new Set(failures)].join(' ')}`.trim(),
      criterion: 'none',
      ok: failures.length === 0,
    }),
  ];
}

export const title = `swap: ${times} restarts under ${connections} keep-alive connections`;

export async function run() {
  return [
    ...rowsOf('http', await measure({ secure: false })),
    ...rowsOf('https', await measure({ secure: true })),
  ];
}
