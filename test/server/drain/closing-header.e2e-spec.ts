import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer, ServerOptions } from '../../../lib/index.js';
import { tls } from '../../support/certificates.js';
import { LOOPBACK } from '../../support/handlers.js';
import { Opened } from '../../support/opened.js';
import { get, RawClient } from '../../support/raw-client.js';

/** Ways to answer that set the header wrong, or write the head in a way of their own. */
const handlers: [string, RequestListener][] = [
  ['sets nothing', (_, res) => void res.end('hello')],
  ['writes without a head', (_, res) => void (res.write('hel'), res.end('lo'))],
  ['flushes its headers', (_, res) => void (res.flushHeaders(), res.end('hello'))],
  [
    'sets keep-alive and flushes',
    (_, res) => {
      res.setHeader('Connection', 'keep-alive');
      res.flushHeaders();
      res.end('hello');
    },
  ],
  [
    'sets keep-alive by setHeader',
    (_, res) => void res.setHeader('connection', 'keep-alive').end('hello'),
  ],
  [
    'sets several values',
    (_, res) => void res.setHeader('Connection', ['keep-alive', 'x-a']).end('hello'),
  ],
  [
    'sets keep-alive by setHeaders',
    (_, res) => void res.setHeaders(new Map([['Connection', 'keep-alive']])).end('hello'),
  ],
  [
    'sets keep-alive by appendHeader',
    (_, res) => void res.appendHeader('Connection', 'keep-alive').end('hello'),
  ],
  ['removes the header', (_, res) => void (res.removeHeader('Connection'), res.end('hello'))],
  ['sets shouldKeepAlive', (_, res) => void ((res.shouldKeepAlive = true), res.end('hello'))],
  ['writes a status', (_, res) => void res.writeHead(200).end('hello')],
  ['writes a message', (_, res) => void res.writeHead(200, 'Fine').end('hello')],
  [
    'writes an object',
    (_, res) => void res.writeHead(200, { Connection: 'keep-alive' }).end('hello'),
  ],
  [
    'writes a message and an object',
    (_, res) => void res.writeHead(200, 'Fine', { CONNECTION: 'keep-alive' }).end('hello'),
  ],
  [
    'writes a list',
    (_, res) => void res.writeHead(200, ['connection', 'keep-alive', 'x-a', '1']).end('hello'),
  ],
  ['writes an empty list', (_, res) => void res.writeHead(200, []).end('hello')],
  [
    'writes a list of pairs',
    (_, res) =>
      void res.writeHead(200, [['Connection', 'keep-alive']] as unknown as string[]).end('hello'),
  ],
  [
    'sets and writes',
    (_, res) => {
      res.setHeader('Connection', 'keep-alive');
      res.writeHead(200, { connection: 'keep-alive' }).end('hello');
    },
  ],
];

describe.each<[string, Partial<ServerOptions>]>([
  ['http', {}],
  ['https', { tls }],
])('during shutdown.delay over %s', (_name, options) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const serve = async (handler: RequestListener): Promise<PooledServer> => {
    const config = { name: 'a', listen: LOOPBACK, shutdown: { delay: '1h' }, ...options };
    const server = opened.server(config, { handlers: () => ({ default: handler }) });
    await server.start();
    return server;
  };

  const clientOf = async ({ url = '' }: PooledServer): Promise<RawClient> => {
    const client = await (options.tls ? RawClient.connectTls(url) : RawClient.connect(url));
    opened.onClose(() => client.close());
    return client;
  };

  it.each(handlers)('says Connection: close when the handler %s', async (_how, handler) => {
    const server = await serve(handler);
    const [kept, fresh] = [await clientOf(server), () => clientOf(server)];
    const stopped = server.stop();
    expect(server.state).toBe('draining');
    for (const client of [kept, await fresh()]) {
      client.send(get('/'));
      expect(await client.closed).toBeUndefined();
      expect(client.received).toMatch(/^HTTP\/1\.1 200 /);
      expect(client.received).toMatch(/hello|hel\r\n2\r\nlo/);
      expect(client.received.match(/^connection:.*$/gim)).toEqual(['Connection: close']);
    }
    expect(await server.stop({ timeout: 0 })).toMatchObject({ finished: 2, timedOut: false });
    await stopped;
  });

  it('leaves the other headers of a list as they are', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(200, [
        'Set-Cookie',
        'a=1',
        'Connection',
        'keep-alive',
        'Set-Cookie',
        'b=2',
      ]);
      response.end();
    });
    const client = await clientOf(server);
    void server.stop();
    client.send(get('/'));
    await client.closed;
    expect(client.received.match(/^set-cookie: .*$/gim)).toEqual([
      'Set-Cookie: a=1',
      'Set-Cookie: b=2',
    ]);
  });

  it('closes after an answer that was begun before it', async () => {
    const server = await serve((request, response) => {
      if (request.url === '/begun') response.write('begun ');
      else response.end('hello');
    });
    const client = await clientOf(server);
    client.send(get('/begun'));
    await client.until('begun');
    const other = await clientOf(server);
    other.send(get('/'));
    await other.until('hello');
    void server.stop();
    other.send(get('/'));
    await other.closed;
    expect(other.received.match(/^connection:.*$/gim)).toEqual([
      'Connection: keep-alive',
      'Connection: close',
    ]);
  });
});
