import { startChild } from './child.js';
import { alternate } from './statistics.js';

/** One more than the client has, so that no core waits. */
const connections = 16;

/**
 * The CPU time per request, in microseconds, of each of the servers that a child process listens
 * with. The client is another process; the servers take turns, with the same number of requests.
 *
 * @param server The child: `start` returns ports by name, `begin` and `end` tell the CPU time
 */
export async function requestCpu(server, { startOptions, request, requests, rounds, isAnew }) {
  const client = startChild('./load-client.js', import.meta.url);
  try {
    const ports = await server.ask('start', startOptions);
    const load = isAnew ? loadAnew : loadKeptAlive;
    const contestants = Object.fromEntries(
      Object.entries(ports).map(([name, port]) => {
        const options = { port, connections, request: { path: '/', ...request }, requests };
        return [name, async () => (await load(server, client, options)) / requests];
      }),
    );
    return await alternate(contestants, { rounds, warmUps: 2 });
  } finally {
    await client.end();
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
