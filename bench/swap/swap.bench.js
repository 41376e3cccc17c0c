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
    const swaps = await server.ask('swap', { times, pauseMs });
    const counts = await clients.ask('finish');
    await server.ask('stop');
    return { swaps, counts };
  } finally {
    await Promise.all([server.end(), clients.end()]);
  }
}

function rowsOf(what, { swaps, counts: { answers, reopened, failures } }) {
  const at = (percent, part) =>
    percentile(
      swaps.map((swap) => swap[part]),
      percent,
    );
  const spread = (part) => `p99 (p50 ${at(50, part).toFixed(2)}, max ${at(100, part).toFixed(2)})`;
  return [
    measured(`${what}, a swap holds its caller, ${spread('held')}`, {
      value: `${at(99, 'held').toFixed(2)} ms`,
      criterion: `< ${limitMs} ms`,
      ok: at(99, 'held') < limitMs,
    }),
    // Without what the system gave to other processes meanwhile.
    measured(`${what}, CPU time of a swap, ${spread('used')}`, {
      value: `${at(99, 'used').toFixed(2)} ms`,
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
