import { ServerResponse, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
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

describe.each(transports)(
  'an upgrade over %s behind requests that are answered at once',
  (_name, options) => {
    const switched = 'HTTP/1.1 101 Switching Protocols\r\n\r\n';

    it.each<[string, Partial<ServerOptions>, boolean]>([
      ['as ever', {}, false],
      ['with disableKeepAlive', { disableKeepAlive: true }, false],
      ['in a drain', { shutdown: { delay: '1h' } }, true],
    ])('is handed over behind their answers %s', async (_when, config, stops) => {
      for (const count of [1, 3]) {
        for (const event of ['upgrade', 'connect', 'foreign']) {
          const takeOver = (_request: unknown, socket: Duplex): unknown => socket.write(switched);
          const server = await serve(
            { ...options, ...config },
            {
              request: (request, response) => {
                const { server: own } = request.socket as Socket & { server: Server };
                if (event === 'foreign' && own.listenerCount('upgrade') === 0)
                  own.on('upgrade', takeOver);
                response.end('at once');
              },
              ...(event !== 'foreign' && { [event]: takeOver }),
            },
          );
          const other = await clientOf(server);
          other.send(get('/'));
          await other.until('at once');
          if (stops) void server.stop();
          const client = await clientOf(server);
          const asked = event === 'connect' ? 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n' : upgrade;
          client.send(get('/').repeat(count) + asked);
          await client.until('101');
          await client.until('at once');
          const inFront = Array.from({ length: count }, () => '200');
          expect(statuses(client.received)).toEqual([...inFront, '101']);
        }
      }
    });
  },
);

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
