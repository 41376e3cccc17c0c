import { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { gate } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const serve = async (
  options: Partial<ServerOptions>,
  handler: HandlerEntry,
): Promise<PooledServer> => {
  const config = { name: 'a', listen: LOOPBACK, ...options };
  const server = opened.server(config, { handlers: () => ({ default: handler }) });
  await server.start();
  return server;
};

const clientOf = async ({ url = '', config }: PooledServer): Promise<RawClient> => {
  const client = await (config.tls ? RawClient.connectTls(url) : RawClient.connect(url));
  opened.onClose(() => client.close());
  return client;
};

const upgrade = get('/upgrade', 'Connection: Upgrade', 'Upgrade: test');

const statuses = (received: string): string[] =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status = '']) => status);

const throws = (): never => {
  throw new Error('no such page');
};

const transports = [
  ['http', {}],
  ['https', { tls }],
  ['https beside HTTP/2', { tls, protocol: 'http2' }],
] as const;

describe.each(transports)('an upgrade over %s behind requests that wait', (_transport, options) => {
  it.each<[string, number, Partial<ServerOptions>, () => unknown, string[]]>([
    ['maxHandlers refuses, is answered behind', 2, { maxHandlers: 2 }, () => undefined, ['503']],
    ['fails, is answered behind', 2, {}, throws, ['500']],
    ['rejects, is answered behind', 1, {}, () => Promise.reject(new Error('no')), ['500']],
    ['comes behind the last one, is dropped behind', 1, { keepAliveMaxRequests: 1 }, throws, []],
    ['comes behind the second and last one, is too', 2, { keepAliveMaxRequests: 2 }, throws, []],
  ])('that %s them', async (_why, count, limits, fail, answered) => {
    const release = gate();
    const server = await serve(
      { ...options, ...limits },
      {
        request: (_request, response) => void release.opened.then(() => response.end('waited for')),
        upgrade: fail,
      },
    );
    const client = await clientOf(server);
    client.send(get('/slow').repeat(count) + upgrade);
    while (server.stats().requests <= count) await new Promise(setImmediate);
    release.open();
    await client.closed;
    const inFront = Array.from({ length: count }, () => '200');
    expect(statuses(client.received)).toEqual([...inFront, ...answered]);
    expect(client.received.split('waited for')).toHaveLength(count + 1);
  });
});

it.each(transports)(
  'a last answer whose head says keep-alive ends its connection over %s',
  async (_transport, options) => {
    // As middleware does that keeps Node's own method, and calls that.
    const server = await serve({ ...options, keepAliveMaxRequests: 1 }, (_request, response) => {
      Reflect.apply(ServerResponse.prototype.writeHead, response, [200, { 'Content-Length': 2 }]);
      response.end('ok');
    });
    const client = await clientOf(server);
    client.send(get('/'));
    expect(await client.until('ok')).toMatch(/connection: keep-alive/i);
    await client.closed;
  },
);
