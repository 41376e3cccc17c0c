import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { gate } from '../support/events.js';
import { echo, held, LOOPBACK, says } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const nothing = { http1: 0, http2: 0, upgraded: 0, connect: 0, tls: 0, idle: 0 };

describe('draining', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const serve = async (
    handler: HandlerEntry,
    options: Partial<ServerOptions> = {},
  ): Promise<PooledServer> => {
    const config = { name: 'a', listen: LOOPBACK, ...options };
    const server = opened.server(config, { handlers: () => ({ default: handler }) });
    await server.start();
    return server;
  };

  const clientOf = async ({ url = '' }: PooledServer): Promise<RawClient> => {
    const client = await RawClient.connect(url);
    opened.onClose(() => client.close());
    return client;
  };

  it('answers the pipelined second request', async () => {
    const { handler, entered, release } = held('answered');
    const server = await serve(handler);
    const client = await clientOf(server);
    client.send(get('/first') + get('/second'));
    await entered.opened;
    const stopped = server.stop();
    release.open();
    expect(await stopped).toMatchObject({ timedOut: false, cut: nothing });
    await client.closed;
    expect(client.received.match(/answered/g)).toHaveLength(2);
    expect(client.received.match(/Connection: close/g)).toHaveLength(1);
  });

  it('answers a request that was sent on an idle connection before the stop', async () => {
    const server = await serve(says('hello'));
    const clients = await Promise.all(Array.from({ length: 20 }, () => clientOf(server)));
    for (const client of clients) client.send(get('/'));
    await Promise.all(clients.map((client) => client.until('hello')));
    for (const client of clients) client.send(get('/again'));
    // The bytes are in the sockets; the server has not read them.
    const stopped = server.stop();
    await Promise.all(clients.map((client) => client.closed));
    expect(clients.map(({ received }) => received.match(/hello/g)?.length)).toEqual(
      Array(20).fill(2),
    );
    expect(await stopped).toMatchObject({ finished: 20, timedOut: false });
  });

  it('serves connections that wait in the accept queue', async () => {
    const server = await serve(says('hello'));
    const { url = '' } = server;
    const connecting = Array.from({ length: 50 }, () => RawClient.connect(url));
    const stopped = Promise.all(connecting).then((clients) => {
      for (const client of clients) client.send(get('/'));
      return server.stop();
    });
    const clients = await Promise.all(connecting);
    await Promise.all(clients.map((client) => client.closed));
    expect(clients.filter(({ received }) => received.includes('hello'))).toHaveLength(50);
    expect((await stopped).timedOut).toBe(false);
  });

  it('reads an upload to its end and answers it', async () => {
    const server = await serve(echo);
    const client = await clientOf(server);
    client.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nfirst');
    const stopped = server.stop();
    client.send('last');
    await client.closed;
    expect(client.received).toContain('firstlast');
    expect(client.received).toContain('Connection: close');
    expect((await stopped).timedOut).toBe(false);
  });

  it('sends a large answer to its end to a client that reads slowly', async () => {
    const body = 'x'.repeat(8_000_000);
    const entered = gate();
    const server = await serve((_request, response) => {
      response.end(body);
      entered.open();
    });
    const client = await clientOf(server);
    client.socket.pause();
    client.send(get('/'));
    await entered.opened;
    const stopped = server.stop();
    client.socket.resume();
    await client.closed;
    expect(client.received.endsWith(body)).toBe(true);
    expect(await stopped).toMatchObject({ timedOut: false, cut: nothing });
  });

  it.each<[string, RequestListener]>([
    ['writeHead with an object', (_, res) => void res.writeHead(200, { Connection: 'keep-alive' })],
    [
      'writeHead with a list',
      (_, res) => void res.writeHead(200, ['connection', 'keep-alive', 'X-A', '1']),
    ],
    [
      'writeHead with a message',
      (_, res) => void res.writeHead(200, 'OK', { CONNECTION: 'keep-alive' }),
    ],
    ['setHeader', (_, res) => void res.setHeader('Connection', 'keep-alive')],
  ])('says Connection: close although the handler keeps alive by %s', async (_how, head) => {
    const [entered, release] = [gate(), gate()];
    const server = await serve((request, response) => {
      entered.open();
      void release.opened.then(() => {
        head(request, response);
        response.end('hello');
      });
    });
    const client = await clientOf(server);
    client.send(get('/'));
    await entered.opened;
    const stopped = server.stop();
    release.open();
    await client.closed;
    expect(client.received.match(/^connection: .*$/gim)).toEqual(['Connection: close']);
    await stopped;
  });

  it('ends a connection that never sent a byte, and one that was idle, without a cut', async () => {
    const server = await serve(says('hello'), { shutdown: { timeout: '1h' } });
    const silent = await clientOf(server);
    const idle = await clientOf(server);
    idle.send(get('/'));
    await idle.until('hello');
    expect(await server.stop()).toMatchObject({ timedOut: false, cut: nothing });
    expect(await Promise.all([silent.closed, idle.closed])).toEqual([undefined, undefined]);
  });

  it('ends a poll of engine.io that waits, whose client asks again', async () => {
    const { handler, entered } = held('never');
    const server = await serve(handler);
    const client = await clientOf(server);
    client.send(get('/socket.io/?EIO=4&transport=polling&sid=x'));
    await entered.opened;
    expect(await server.stop({ timeout: '1h' })).toMatchObject({ timedOut: false, cut: nothing });
    expect(client.received).toBe('');
  });

  it.each([
    ['its transport is another one', get('/?EIO=4&transport=websocket&sid=x')],
    ['it only speaks of the transport', get('/?EIO=4&sid=x&of=transport=polling')],
    ['it has no session yet', get('/?EIO=4&transport=polling')],
    ['it is of no version of engine.io', get('/?transport=polling&sid=x')],
    ['it is a POST', get('/?EIO=4&transport=polling&sid=x').replace('GET', 'POST')],
  ])('waits for the answer to what is no such poll: %s', async (_why, request) => {
    const { handler, entered, release } = held('whole');
    const server = await serve(handler);
    const client = await clientOf(server);
    client.send(request);
    await entered.opened;
    const stopped = server.stop({ timeout: '1h' });
    while (server.address) await new Promise(setImmediate);
    await new Promise(setImmediate);
    release.open();
    await client.until('whole');
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
  });

  it('tells a request whose header never came to an end', async () => {
    const server = await serve(says('hello'));
    const client = await clientOf(server);
    client.send(`${get('/')}GET / HTTP/1.1\r\nHost: loc`);
    await client.until('hello');
    const report = await server.stop({ timeout: '50ms' });
    expect(report).toMatchObject({ timedOut: true, cut: { ...nothing, http1: 1 } });
    await client.closed;
  });

  it('tells an upgraded connection, a tunnel and a handshake apart', async () => {
    const handler: HandlerEntry = {
      request: says('hello'),
      upgrade: (_request, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
      connect: (_request, socket) => socket.write('HTTP/1.1 200 OK\r\n\r\n'),
    };
    const server = await serve(handler);
    const upgraded = await clientOf(server);
    upgraded.send(get('/', 'Connection: Upgrade', 'Upgrade: test'));
    await upgraded.until('101');
    const tunnel = await clientOf(server);
    tunnel.send('CONNECT there:80 HTTP/1.1\r\nHost: there:80\r\n\r\n');
    await tunnel.until('200');
    const report = await server.stop({ timeout: '50ms' });
    expect(report.cut).toEqual({ ...nothing, upgraded: 1, connect: 1 });
    const secure = await serve(says('hello'), { tls });
    const shaking = await clientOf(secure);
    // The head of a TLS record that is never sent whole.
    shaking.send('\x16\x03\x01');
    expect((await secure.stop({ timeout: '50ms' })).cut).toEqual({ ...nothing, tls: 1 });
  });

  it('counts what it finished and takes no request after its last answer', async () => {
    const { handler, entered, release } = held('last');
    const server = await serve(handler);
    const client = await clientOf(server);
    client.send(get('/'));
    await entered.opened;
    const stopped = server.stop();
    release.open();
    await client.until('last');
    client.send(get('/too-late'));
    const report = await stopped;
    await client.closed;
    expect(report.finished).toBe(1);
    expect(client.received.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });

  it('serves everybody a restart meets, and drains them after it', async () => {
    const { handler, entered, release } = held('begun before');
    const server = await serve(handler);
    const client = await clientOf(server);
    client.send(get('/'));
    await entered.opened;
    await server.restart();
    const stopped = server.stop();
    release.open();
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
    await client.closed;
    expect(client.received).toContain('begun before');
  });
});
