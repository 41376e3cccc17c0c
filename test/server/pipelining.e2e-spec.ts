import type { RequestListener, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it } from '@jest/globals';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const answer: RequestListener = (_request, response) => response.end('x');

/** Answers when all have come, and all of them were looked at for some time. */
const answerTogether = (): RequestListener => {
  const waiting: ServerResponse[] = [];
  return (request, response) => {
    waiting.push(response);
    if (request.headers.connection !== 'close') return;
    void wait(200).then(() => waiting.splice(0).forEach((each) => each.end('x')));
  };
};

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

// The bench compares with bare Node; here a cost that grows with the square of the requests is told from one that
// does not: four times the requests would cost sixteen times as much.
it.each([
  ['without limits', {}, answer],
  ['with maxHandlers', { maxHandlers: 1_000_000 }, answer],
  [
    'while they wait, with least rates',
    { minResponseRate: 1, minRequestRate: { bytesPerSecond: 1, grace: '100ms' } },
    answerTogether(),
  ],
])(
  'serves pipelined requests at a cost that does not grow with their number: %s',
  async (_name, options, handler) => {
    const server = opened.server(
      { name: 'a', listen: LOOPBACK, ...options },
      { handlers: () => ({ default: handler }) },
    );
    await server.start();
    let growth = Infinity;
    // A collection of garbage may fall into a round: it is the best of three that counts.
    for (let round = 0; round < 3 && growth >= 8; round += 1) {
      const few = await cpuOf(server.url ?? '', 2500);
      growth = (await cpuOf(server.url ?? '', 10_000)) / few;
    }
    expect(growth).toBeLessThan(8);
  },
);
