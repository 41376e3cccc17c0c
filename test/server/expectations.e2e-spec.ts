import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer, ServerOptions } from '../../lib/index.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { protocols, type Client } from '../support/protocols.js';
import { tls } from '../support/certificates.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const serve = async (
  options: Partial<ServerOptions>,
  handler: HandlerEntry = (request, response) =>
    void (request.url === '/held' || response.end('fine')),
): Promise<PooledServer> => {
  const config = { name: 'a', listen: LOOPBACK, ...options };
  const server = opened.server(config, { handlers: () => ({ default: handler }) });
  await server.start();
  return server;
};

const unmet = { headers: { expect: 'a-miracle' } };

describe.each(protocols)('an Expect that nobody meets over $name', ({ options, connect }) => {
  const clientOf = async (server: PooledServer): Promise<Client> => {
    const client = await connect(server.url ?? '');
    opened.onClose(() => client.close());
    return client;
  };

  it('is answered 417 and counted, and the next request is served', async () => {
    const server = await serve(options);
    const client = await clientOf(server);
    expect(await client.ask('/', unmet)).toMatchObject({ status: 417, body: '' });
    expect((await client.ask('/')).status).toBe(200);
    expect(server.stats().requests).toBe(2);
  });

  it('is for its handler where there is one for it', async () => {
    const server = await serve(options, {
      request: (_request, response) => response.end('fine'),
      checkExpectation: (_request, response) => response.end('met'),
    });
    expect((await (await clientOf(server)).ask('/', unmet)).body).toBe('met');
  });

  it('is answered 503 above maxHandlers', async () => {
    const server = await serve({ ...options, maxHandlers: 1 });
    (await clientOf(server)).ask('/held').catch(() => undefined);
    while (server.stats().inFlight === 0) await new Promise(setImmediate);
    expect((await (await clientOf(server)).ask('/', unmet)).status).toBe(503);
  });
});

describe.each([
  ['http', {}],
  ['https', { tls }],
  ['https beside HTTP/2', { tls, protocol: 'http2' }],
] as const)('an Expect that nobody meets ends its connection over %s', (_name, options) => {
  const clientOf = async ({ url = '' }: PooledServer): Promise<RawClient> => {
    const client = await ('tls' in options ? RawClient.connectTls(url) : RawClient.connect(url));
    opened.onClose(() => client.close());
    return client;
  };

  const asked = get('/', 'Expect: a-miracle');

  const isLast = async (client: RawClient): Promise<void> => {
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1\.1 417 /);
    expect(client.received.match(/^connection:.*$/gim)).toEqual(['Connection: close']);
  };

  it('during shutdown.delay', async () => {
    const server = await serve({ ...options, shutdown: { delay: '1h' } });
    const client = await clientOf(server);
    void server.stop();
    client.send(asked);
    await isLast(client);
  });

  it('where half of it had come when the stop began', async () => {
    const server = await serve({ ...options, idleTimeout: '1h' });
    const client = await clientOf(server);
    client.send(asked.slice(0, -2));
    // Its bytes are read when those of a later connection are.
    const later = await clientOf(server);
    later.send(get('/'));
    await later.until('fine');
    const stopped = server.stop({ timeout: '1h' });
    await later.closed;
    client.send('\r\n');
    await isLast(client);
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
  });

  it.each<[string, Partial<ServerOptions>]>([
    ['disableKeepAlive', { disableKeepAlive: true }],
    ['keepAliveMaxRequests', { keepAliveMaxRequests: 1 }],
  ])('with %s', async (_field, limits) => {
    const client = await clientOf(await serve({ ...options, ...limits }));
    client.send(asked);
    await isLast(client);
  });
});
