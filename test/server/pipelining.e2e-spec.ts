import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const answer: RequestListener = (_request, response) => response.end('x');

/** The CPU time of both sides, in ms, for so many requests on one connection. */
async function cpuOf(url: string, requests: number): Promise<number> {
  const client = await RawClient.connect(url);
  opened.onClose(() => client.close());
  const before = process.cpuUsage();
  client.send(get('/').repeat(requests - 1) + get('/', 'Connection: close'));
  await client.closed;
  const { user, system } = process.cpuUsage(before);
  expect(client.received.split('HTTP/1.1 200 OK')).toHaveLength(requests + 1);
  return (user + system) / 1000;
}

it.each([
  ['without limits', {}],
  ['with maxHandlers', { maxHandlers: 1_000_000 }],
])(
  'serves 10,000 pipelined requests on one connection as cheaply as Node does: %s',
  async (_name, options) => {
    const server = opened.server(
      { name: 'a', listen: LOOPBACK, ...options },
      { handlers: () => ({ default: answer }) },
    );
    await server.start();
    const bare = createServer(answer).listen(0, '127.0.0.1');
    opened.onClose(() => bare.close());
    await once(bare, 'listening');
    const bareUrl = `http://127.0.0.1:${(bare.address() as AddressInfo).port}`;
    const ratios: number[] = [];
    for (let round = 0; round < 2; round += 1) {
      const ofBare = await cpuOf(bareUrl, 10_000);
      ratios.push((await cpuOf(server.url ?? '', 10_000)) / ofBare);
    }
    // The bench measures it; here it is told from what grows with the square, which was five times.
    expect(Math.min(...ratios)).toBeLessThan(2);
  },
);
