import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { echo, LOOPBACK, says } from '../support/handlers.js';
import { Http2Client } from '../support/http2-client.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const serve = async (options: Partial<ServerOptions>): Promise<PooledServer> => {
  const handlers = () => ({ default: says('hello'), echo });
  const server = opened.server({ name: 'a', listen: LOOPBACK, ...options }, { handlers });
  await server.start();
  return server;
};

describe.each([
  ['http', {}],
  ['https', { tls }],
  ['https beside HTTP/2', { tls, protocol: 'http2' }],
] as const)('the timeouts of %s', (protocol, options) => {
  const clientOf = async ({ url = '' }: PooledServer): Promise<RawClient> => {
    const client = await (protocol === 'http' ? RawClient.connect(url) : RawClient.connectTls(url));
    opened.onClose(() => client.close());
    return client;
  };

  it('readHeaderTimeout ends a request whose header does not come to an end', async () => {
    const client = await clientOf(await serve({ ...options, readHeaderTimeout: '50ms' }));
    client.send('GET / HTTP/1.1\r\nHost: loc');
    await client.closed;
    expect(client.received).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it('readTimeout ends a request whose body does not come to an end', async () => {
    const server = await serve({ ...options, readTimeout: '50ms', handlerKey: 'echo' });
    const client = await clientOf(server);
    client.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf');
    await client.closed;
    expect(client.received).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });

  it('idleTimeout ends a connection on which nothing comes after an answer', async () => {
    const client = await clientOf(await serve({ ...options, idleTimeout: '50ms' }));
    client.send(get('/'));
    expect(await client.until('hello')).toContain('200 OK');
    expect(await client.closed).toBeUndefined();
  });

  it.each([
    ['lines', '\r\n'],
    ['half lines', '\n'],
  ])('idleTimeout ends a connection on which nothing but empty %s come', async (_, bytes) => {
    const client = await clientOf(await serve({ ...options, idleTimeout: '1s' }));
    client.send(get('/'));
    await client.until('hello');
    const sending = setInterval(() => client.socket.writable && client.send(bytes), 50);
    await client.closed;
    clearInterval(sending);
  });

  it('idleTimeout leaves a connection alone on which a request is being sent or answered', async () => {
    const client = await clientOf(await serve({ ...options, idleTimeout: '1s' }));
    client.send(get('/'));
    await client.until('hello');
    client.send('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n');
    // For longer than it takes to be found idle. Bytes that come keep Node's own timeout from it.
    for (let line = 0; line < 25; line++) {
      await wait(100);
      client.send(`X-${line}: 1\r\n`);
    }
    client.send('\r\n');
    await client.closed;
    expect(client.received.match(/hello/g)).toHaveLength(2);
  });

  it.each([
    ['that is the last one of its client', 'Connection: close'],
    ['whose handler takes its socket over', 'X-Take: socket'],
  ])('idleTimeout leaves a request alone %s', async (_, header) => {
    const late = (request: IncomingMessage, response: ServerResponse): void => {
      const { socket } = request;
      if (request.headers['x-take']) response.detachSocket(socket);
      setTimeout(() => (response.socket ? response.end('late') : socket.end('late')), 2500);
    };
    const server = await serve({ ...options, idleTimeout: '1s' });
    const client = await clientOf(server);
    client.send(get('/'));
    await client.until('hello');
    server.handler(() => ({ default: late }));
    // It has come to rest by then.
    await wait(100);
    client.send(get('/', header));
    await client.closed;
    expect(client.received).toMatch(/late$/);
  });

  it('idleTimeout is as long as it says, and promises clients a second less', async () => {
    const client = await clientOf(await serve({ ...options, idleTimeout: '2s' }));
    client.send(get('/'));
    expect(await client.until('hello')).toContain('Keep-Alive: timeout=1\r\n');
    const answered = performance.now();
    const late = new AbortController();
    // Of the same clock, so that a busy machine delays both.
    const tooLate = wait(2_800, 'too late', { signal: late.signal });
    expect(await Promise.race([client.closed, tooLate])).toBeUndefined();
    expect(performance.now() - answered).toBeGreaterThan(1_900);
    late.abort();
    await tooLate.catch(() => undefined);
  });

  it('idleTimeout below a second promises nothing', async () => {
    const client = await clientOf(await serve({ ...options, idleTimeout: '50ms' }));
    client.send(get('/'));
    expect(await client.until('hello')).toContain('Keep-Alive: timeout=0\r\n');
  });

  it('idleTimeout of 0 is none', async () => {
    const client = await clientOf(await serve({ ...options, idleTimeout: 0 }));
    client.send(get('/'));
    expect(await client.until('hello')).not.toContain('Keep-Alive:');
  });

  it('take effect on the next connection when they change', async () => {
    const server = await serve(options);
    await server.setConfig({ name: 'a', listen: LOOPBACK, ...options, readHeaderTimeout: '50ms' });
    const client = await clientOf(server);
    client.send('GET / HT');
    await client.closed;
    expect(server.isRunning()).toBe(true);
  });

  it('are looked after as often as the new ones need, on a server that has clients', async () => {
    // Looked after every 7.5 s; the other one, at its first connection, every second.
    const changed = await serve(options);
    const slower = await serve({ ...options, readHeaderTimeout: '4s' });
    for (const server of [changed, slower]) {
      const client = await clientOf(server);
      client.send(get('/'));
      await client.until('hello');
    }
    await changed.setConfig({
      name: 'a',
      listen: LOOPBACK,
      ...options,
      readHeaderTimeout: '100ms',
    });
    const [late, first] = [await clientOf(slower), await clientOf(changed)];
    for (const client of [late, first]) client.send('GET / HT');
    const order = [late.closed.then(() => 'slower'), first.closed.then(() => 'changed')];
    expect(await Promise.race(order)).toBe('changed');
  });

  it('go on while the server drains', async () => {
    const config = { name: 'a', listen: LOOPBACK, ...options, shutdown: { timeout: '1h' } };
    const server = await serve(config);
    const client = await clientOf(server);
    client.send(`${get('/')}GET / HTTP/1.1\r\nHost: loc`);
    await client.until('hello');
    // Only now: a busy machine may take longer than that for what comes before.
    await server.setConfig({ ...config, readHeaderTimeout: '50ms' });
    expect(await server.stop()).toMatchObject({ timedOut: false });
    await client.closed;
  });
});

describe('the timeouts of HTTP/2', () => {
  it.each([
    ['h2c', {}],
    ['h2', { tls }],
  ])('idleTimeout closes a session without streams: %s', async (_name, options) => {
    const config = { name: 'a', listen: LOOPBACK, ...options, protocol: 'http2' } as const;
    const server = await serve(config);
    const client = await Http2Client.connect(server.url ?? '');
    opened.onClose(() => client.close());
    const closed = once(client.session, 'close');
    expect((await client.ask('/')).body).toBe('hello');
    await server.setConfig({ ...config, idleTimeout: '50ms' });
    await closed;
    expect(client.session.destroyed).toBe(true);
  });
});

describe('the timeout of a TLS handshake', () => {
  it.each(['http1', 'http2'] as const)('ends a socket that says nothing: %s', async (protocol) => {
    const server = await serve({ tls, protocol, handshakeTimeout: '50ms' });
    const client = await RawClient.connect(server.url ?? '');
    await client.closed;
    expect(client.received).toBe('');
    expect(server.isRunning()).toBe(true);
  });
});
