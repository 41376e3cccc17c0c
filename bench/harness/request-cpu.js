import { startChild } from './child.js';
import { alternate } from './statistics.js';

/** So many at a time, enough that neither core waits for the other: connections, or streams. */
const connections = 16;

/**
 * The CPU time per request, in microseconds, of servers that take turns. Each has a process of its own, for
 * in one process they share what V8 has learnt of them, and slow each other down (two applications of
 * Express by a fifth). What differs from process to process is averaged out over several sets of them.
 *
 * @param module Its process answers `start` with a port, and has the commands of `cpuClock`
 * @param options.contestants What `start` is asked for, by name
 * @param options.overHttp2 The names of those that are asked over h2c, in streams of one session
 */
export async function requestRounds(module, base, { contestants, sets, env, ...load }) {
  const rounds = [];
  for (let i = 0; i < sets; i += 1) {
    const servers = Object.fromEntries(
      Object.keys(contestants).map((name) => [name, startChild(module, base, { env })]),
    );
    try {
      rounds.push(...(await roundsOf(servers, contestants, load)));
    } finally {
      await Promise.all(Object.values(servers).map((server) => server.end()));
    }
  }
  return rounds;
}

async function roundsOf(
  servers,
  contestants,
  { request, requests, rounds, isAnew, overHttp2 = [] },
) {
  const http1 = startChild('./load-client.js', import.meta.url);
  const http2 = startChild('./http2-load-client.js', import.meta.url);
  try {
    const load = isAnew ? loadAnew : loadKeptAlive;
    const turns = {};
    for (const [name, server] of Object.entries(servers)) {
      const port = await server.ask('start', contestants[name]);
      const client = overHttp2.includes(name) ? http2 : http1;
      const options = { port, connections, request: { path: '/', ...request }, requests };
      turns[name] = async () => (await load(server, client, options)) / requests;
    }
    return await alternate(turns, { rounds, warmUps: 3 });
  } finally {
    await Promise.all([http1.end(), http2.end()]);
  }
}

/** The connections are open, and each had its first answer, before the clock starts. */
async function loadKeptAlive(server, client, { requests, ...options }) {
  await client.ask('open', options);
  const begin = await server.ask('begin');
  await client.ask('load', { requests });
  const used = await server.ask('end', begin);
  await client.ask('close');
  return used;
}

async function loadAnew(server, client, options) {
  const begin = await server.ask('begin');
  await client.ask('loadAnew', options);
  return server.ask('end', begin);
}
