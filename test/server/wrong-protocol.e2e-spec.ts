import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { failure } from '../support/events.js';
import { Journal, LOOPBACK, says } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { Http2Client } from '../support/http2-client.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const PROXY = { proxyProtocol: 'required', trustedProxies: ['127.0.0.1'] } as const;
const HEADER = 'PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n';

async function serve(
  options: Partial<ServerOptions>,
): Promise<{ server: PooledServer; logger: Journal }> {
  const logger = new Journal();
  const handlers = () => ({ default: says('hello') });
  const server = opened.server({ name: 'a', listen: LOOPBACK, ...options }, { handlers, logger });
  await server.start();
  return { server, logger };
}

async function sent({ url = '' }: PooledServer, bytes: string): Promise<string> {
  const client = await RawClient.connect(url);
  opened.onClose(() => client.close());
  client.send(bytes);
  await client.closed;
  return client.received;
}

/** What a client of TLS sends first. */
async function clientHello(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.onClose(() => server.close());
  const asked = ask(`https://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [socket] = await once(server, 'connection');
  const [bytes] = await once(socket, 'data');
  socket.destroy();
  await failure(asked);
  return (bytes as Buffer).toString('latin1');
}

describe('TLS on a plain server', () => {
  it.each([
    ['', {}, '', '127.0.0.1'],
    [' behind a proxy', PROXY, HEADER, '192.0.2.7'],
  ])('is answered by a sentence, and said once%s', async (_, options, header, from) => {
    const { server, logger } = await serve(options);
    const hello = header + (await clientHello());
    for (let count = 0; count < 5; count += 1) {
      const answer = await sent(server, hello);
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\nConnection: close\r\n/);
      expect(answer).toMatch(
        /\r\n\r\nThis is a plain HTTP port, and the request came over TLS\.\n$/,
      );
    }
    expect(logger.matching(/TLS/)).toEqual([
      `warn a (${server.address && 'port' in server.address ? `127.0.0.1:${server.address.port}` : ''}): ` +
        `${from} spoke TLS to this server, which speaks plain HTTP, and was answered 400 (said once)`,
    ]);
    await server.stop();
    await server.start();
    await sent(server, hello);
    expect(logger.matching(/TLS/)).toHaveLength(2);
  });

  it('is no greeting on a connection that has spoken HTTP: nothing follows half an answer', async () => {
    const begun: RequestListener = (_request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('half');
    };
    const logger = new Journal();
    const server = opened.server(
      { name: 'a', listen: LOOPBACK },
      { handlers: () => ({ default: begun }), logger },
    );
    await server.start();
    const client = await RawClient.connect(server.url!);
    opened.onClose(() => client.close());
    client.send(get('/'));
    await client.until('half');
    client.send('\x16\x03\x01\x00\x00');
    await client.closed;
    expect(client.received).toMatch(/\r\n\r\nhalf$/);
    expect(logger.matching(/spoke/)).toEqual([]);
  });

  it('is closed and said once where HTTP/2 is spoken, and so is HTTP/1.1', async () => {
    const { server, logger } = await serve({ protocol: 'http2' });
    await sent(server, await clientHello());
    await sent(server, get('/'));
    expect(logger.matching(/spoke/)).toEqual([
      expect.stringContaining('spoke TLS or HTTP/1.1 to this server, which without TLS speaks'),
    ]);
    const client = await Http2Client.connect(server.url!);
    opened.onClose(() => client.close());
    expect((await client.ask('/')).body).toBe('hello');
  });

  it('leaves what else is no HTTP to Node, or to the handler', async () => {
    const { server, logger } = await serve({ maxHeaderBytes: 1000 });
    expect(await sent(server, '\x16\x02\x01garbage\r\n\r\n')).toBe(
      'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n',
    );
    expect(await sent(server, get('/', `A: ${'a'.repeat(2000)}`))).toBe(
      'HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n\r\n',
    );
    expect(logger.matching(/spoke/)).toEqual([]);
  });
});

describe('plain HTTP on a TLS server', () => {
  it.each([
    ['HTTP/1.1', {}, '', '127.0.0.1'],
    ['HTTP/2', { protocol: 'http2' }, '', '127.0.0.1'],
    ['HTTP/1.1 behind a proxy', PROXY, HEADER, '192.0.2.7'],
  ] as const)('is answered by a sentence, and said once: %s', async (_, options, header, from) => {
    const { server, logger } = await serve({ tls, ...options });
    const refused: unknown[] = [];
    server.observe({ connectionRefused: (reason) => refused.push(reason) });
    for (const request of [get('/'), get('/').replace('GET', 'POST'), get('/')]) {
      const answer = await sent(server, header + request);
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\nConnection: close\r\n/);
      expect(answer).toMatch(
        /\r\n\r\nThis is an HTTPS port, and the request came in plain HTTP\.\n$/,
      );
    }
    expect(refused).toEqual(['tls', 'tls', 'tls']);
    expect(logger.matching(/spoke/)).toEqual([
      expect.stringMatching(
        new RegExp(`^warn a \\(.*\\): ${from} spoke plain HTTP to this server, which speaks TLS`),
      ),
    ]);
    expect(server.stats().connections).toBe(0);
  });
});
