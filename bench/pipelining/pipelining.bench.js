import { startChild } from '../harness/child.js';
import { ratioRow } from '../harness/rows.js';
import { alternate } from '../harness/statistics.js';

const requests = 20_000;

export const title = `${requests.toLocaleString('en')} pipelined requests on one connection`;

/** `turn` is what each server is measured by; every one has a process of its own. */
async function measure(turn, rounds) {
  const client = () => startChild('./client.js', import.meta.url);
  const clients = { pipelining: client(), pinging: client() };
  const server = () => startChild('../request/server.js', import.meta.url);
  const servers = { bare: server(), pooled: server(), control: server() };
  try {
    const contestants = {};
    for (const [name, process] of Object.entries(servers)) {
      const kind = name === 'pooled' ? 'pooled' : 'bare';
      const port = await process.ask('start', { kind, handler: 'hello' });
      contestants[name] = () => turn(process, clients, port);
    }
    return await alternate(contestants, { rounds, warmUps: 2 });
  } finally {
    const children = [...Object.values(servers), ...Object.values(clients)];
    await Promise.all(children.map((child) => child.end()));
  }
}

async function cpuTime(server, { pipelining }, port) {
  const begin = await server.ask('begin');
  await pipelining.ask('pipeline', { port, requests });
  return (await server.ask('end', begin)) / 1000;
}

/** The least of several: what else the machine does only makes a wait longer. */
async function worstWait(_server, { pipelining, pinging }, port) {
  let least = Infinity;
  for (let i = 0; i < 3; i += 1) {
    await pinging.ask('beginPings', { port });
    await pipelining.ask('pipeline', { port, requests });
    least = Math.min(least, await pinging.ask('finishPings'));
  }
  return least;
}

export async function run({ rounds }) {
  const row = (what, results, limit) =>
    ratioRow(what, {
      rounds: results,
      base: 'bare',
      control: 'control',
      peer: 'bare http',
      unit: 'ms',
      limit,
    });
  return [
    row('CPU time of the server', await measure(cpuTime, rounds(10)), 1.3),
    row('worst wait of another client, elapsed', await measure(worstWait, rounds(8)), 1.5),
  ];
}
