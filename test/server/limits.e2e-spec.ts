import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { failure } from '../support/events.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { ask, keepAlive } from '../support/http-client.js';
import { Http2Client } from '../support/http2-client.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const serve = async (
  options: Partial<ServerOptions>,
  handler: HandlerEntry = says('hello'),
): Promise<PooledServer> => {
  const config = { name: 'a', listen: LOOPBACK, ...options };
  const server = opened.server(config, { handlers: () => ({ default: handler }) });
  await server.start();
  return server;
};

const h2ClientOf = async ({ url = '' }: PooledServer): Promise<Http2Client> => {
  const client = await Http2Client.connect(url);
  opened.onClose(() => client.close());
  return client;
};

describe('disableKeepAlive', () => {
  it.each([
    ['http', {}],
    ['https', { tls }],
  ])('closes the connection with every answer over %s', async (_name, options) => {
    const server = await serve({ ...options, disableKeepAlive: true });
    const agent = keepAlive(server.tls);
    opened.onClose(() => agent.destroy());
    for (let count = 0; count < 3; count += 1) {
      const { status, headers } = await ask(server.url ?? '', { agent });
      expect([status, headers.connection]).toEqual([200, 'close']);
    }
  });

  it('closes although the handler says otherwise', async () => {
    const server = await serve({ disableKeepAlive: true }, (_request, response) => {
      response.writeHead(200, { Connection: 'keep-alive' }).end('hello');
    });
    const client = await RawClient.connect(server.url ?? '');
    client.send(get('/', 'Connection: keep-alive'));
    await client.closed;
    expect(client.received).toContain('\r\nConnection: close\r\n');
    expect(client.received).not.toMatch(/keep-alive/i);
  });

  it('answers requests that were pipelined before it closes', async () => {
    const server = await serve({ disableKeepAlive: true });
    const client = await RawClient.connect(server.url ?? '');
    client.send(get('/') + get('/'));
    await client.closed;
    expect(client.received.match(/hello/g)).toHaveLength(2);
  });

  it('can be switched on and off while it serves', async () => {
    const server = await serve({});
    const connection = async (): Promise<unknown> => {
      const agent = keepAlive();
      const { headers } = await ask(server.url ?? '', { agent });
      agent.destroy();
      return headers.connection;
    };
    expect(await connection()).toBe('keep-alive');
    await server.setConfig({ name: 'a', listen: LOOPBACK, disableKeepAlive: true });
    expect(await connection()).toBe('close');
    await server.setConfig({ name: 'a', listen: LOOPBACK });
    expect(await connection()).toBe('keep-alive');
  });
});

describe('maxHeaderBytes', () => {
  const headers = { 'x-long': 'x'.repeat(4000) };

  it.each([
    ['http', {}],
    ['https', { tls }],
  ])('answers 431 above it over %s', async (_name, options) => {
    const server = await serve({ ...options, maxHeaderBytes: 2000 });
    expect((await ask(server.url ?? '', { headers })).status).toBe(431);
    expect((await ask(server.url ?? '')).status).toBe(200);
    await server.setConfig({ name: 'a', listen: LOOPBACK, ...options });
    expect((await ask(server.url ?? '', { headers })).status).toBe(200);
  });

  it('is announced over HTTP/2', async () => {
    const server = await serve({ protocol: 'http2', maxHeaderBytes: 2000 });
    const client = await h2ClientOf(server);
    await client.ask('/');
    expect(client.session.remoteSettings.maxHeaderListSize).toBe(2000);
  });
});

describe('the head of a request over HTTP/2', () => {
  const large = { 'x-long': 'x'.repeat(20_000) };

  it.each([
    ['h2c', {}],
    ['h2', { tls }],
  ])('may have 16 KB by default, in the first flight too: %s', async (_name, options) => {
    const server = await serve({ ...options, protocol: 'http2' });
    const session = connectHttp2(server.url ?? '', { rejectUnauthorized: false });
    opened.onClose(() => session.destroy());
    const stream = session.request({ ':path': '/', ...large });
    const [answered] = (await once(stream, 'response')) as [Record<string, unknown>];
    expect(answered[':status']).toBe(431);
    const client = await h2ClientOf(server);
    expect((await client.ask('/', { headers: { 'x-long': 'x'.repeat(10_000) } })).body).toBe(
      'hello',
    );
    await expect(client.ask('/', { headers: large })).rejects.toThrow(/stream|NGHTTP2/);
    expect((await client.ask('/')).body).toBe('hello');
  });
});

describe('a request that is not as HTTP/1.1 has it', () => {
  it.each([
    ['http', {}],
    ['https', { tls }],
    ['https beside HTTP/2', { tls, protocol: 'http2' }],
  ] as const)('is answered 400 over %s', async (_name, options) => {
    const server = await serve(options);
    const answerTo = async (bytes: string): Promise<string> => {
      const { url = '' } = server;
      const client = await (server.tls ? RawClient.connectTls(url) : RawClient.connect(url));
      client.send(bytes);
      await client.closed;
      return client.received;
    };
    expect(await answerTo('GET / HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await answerTo('GET / HTTP/2.0\r\nHost: localhost\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await answerTo(get('/', 'Connection: close'))).toContain('hello');
  });
});

describe('the settings of HTTP/2', () => {
  it('are announced to the client', async () => {
    const server = await serve({
      protocol: 'http2',
      maxConcurrentStreams: 7,
      maxReadFrameSize: 20_000,
      maxUploadBufferPerStream: 70_000,
    });
    const client = await h2ClientOf(server);
    await client.ask('/');
    expect(client.session.remoteSettings).toMatchObject({
      maxConcurrentStreams: 7,
      maxFrameSize: 20_000,
      initialWindowSize: 70_000,
    });
  });

  it('give a connection the window of the config', async () => {
    const server = await serve({ protocol: 'http2', maxUploadBufferPerConnection: 200_000 });
    const client = await h2ClientOf(server);
    await client.ask('/');
    expect(client.session.state.remoteWindowSize).toBe(200_000);
  });
});

describe('cipher suites that HTTP/2 prohibits', () => {
  const client = { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-SHA' } as const;
  const options = {
    protocol: 'http2',
    tls: { ...tls, cipherList: 'ECDHE-ECDSA-AES128-SHA' },
  } as const;

  it('are refused', async () => {
    const server = await serve(options);
    const asked = Http2Client.connect(server.url ?? '', client).then((http2) => http2.ask('/'));
    expect(await failure(asked)).toHaveProperty('code');
    expect(server.isRunning()).toBe(true);
  });

  it('are taken when they are permitted', async () => {
    const server = await serve({ ...options, permitProhibitedCipherSuites: true });
    const http2 = await Http2Client.connect(server.url ?? '', client);
    opened.onClose(() => http2.close());
    expect((await http2.ask('/')).body).toBe('hello');
  });
});
