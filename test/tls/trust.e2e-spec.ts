import { once } from 'node:events';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ServerErrorCode,
  type Pool,
  type PooledServer,
  type ServerError,
  type ServerOptions,
  type TlsOptions,
} from '../../lib/index.js';
import { ca, client, clientCa, stranger, tls } from '../support/certificates.js';
import { failure } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const trusting: TlsOptions = { ...tls, authClient: 'require', clientCA: clientCa.cert };
/** As after the client's CA was removed. */
const changed: TlsOptions = { ...tls, authClient: 'require', clientCA: ca.cert };

interface Served {
  readonly server: PooledServer;
  /** Requests that wait for their answer, by the order in which they came. */
  readonly waiting: (() => void)[];
  seen: number;
}

async function serve(options: TlsOptions, protocol: 'http1' | 'http2'): Promise<Served> {
  const waiting: (() => void)[] = [];
  const served = { seen: 0, waiting } as { -readonly [K in keyof Served]: Served[K] };
  served.server = opened.server(
    // No timeout is to end what a change of trust should.
    { name: 'a', listen: LOOPBACK, tls: options, protocol, idleTimeout: '1h' },
    {
      handlers: () => ({
        default: (request, response) => {
          served.seen += 1;
          if (request.url === '/stream') response.write('begun');
          if (request.url !== '/') waiting.push(() => response.end('late'));
          else response.end('hello');
        },
      }),
    },
  );
  await served.server.start();
  return served;
}

async function secureSocket({ server }: Served): Promise<TLSSocket> {
  const { port } = server.address as { port: number };
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca: ca.cert,
    ...client,
  });
  opened.onClose(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** All that comes on a socket until it ends. */
function received(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return new Promise((resolve) => socket.once('close', () => resolve(text)));
}

const changes: [string, (server: PooledServer) => Promise<unknown>][] = [
  ['setConfig', (server) => server.setConfig({ ...server.config, tls: changed })],
  [
    'setConfig that asks for certificates where none were asked for',
    (server) => server.setConfig({ ...server.config, tls: changed }),
  ],
];

describe('a client over HTTP/1.1 that is not trusted any more', () => {
  it.each(changes)('is not served again on a connection that is idle: %s', async (_, change) => {
    const served = await serve(trusting, 'http1');
    const socket = await secureSocket(served);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    const rest = received(socket);
    await change(served.server);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await rest;
    expect(served.seen).toBe(1);
  });

  it('is answered what it asked before, and nothing more', async () => {
    const served = await serve(trusting, 'http1');
    const socket = await secureSocket(served);
    socket.write('GET /wait HTTP/1.1\r\nHost: a\r\n\r\n');
    while (served.waiting.length === 0) await new Promise(setImmediate);
    const all = received(socket);
    await served.server.setConfig({ ...served.server.config, tls: changed });
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    served.waiting[0]!();
    expect(await all).toMatch(/^HTTP\/1.1 200 OK[^]*late$/);
    expect(served.seen).toBe(1);
  });

  it.each(['http1', 'http2'] as const)(
    'leaves behind answers whose heads were written before: %s',
    async (protocol) => {
      const served = await serve(trusting, protocol);
      const [streaming, pipelining] = [await secureSocket(served), await secureSocket(served)];
      const all = [received(streaming), received(pipelining)];
      streaming.write('GET /stream HTTP/1.1\r\nHost: a\r\n\r\n');
      pipelining.write('GET /wait HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n');
      while (served.seen < 3) await new Promise(setImmediate);
      await served.server.setConfig({ ...served.server.config, tls: changed });
      for (const answer of served.waiting) answer();
      const [streamed, pipelined] = await Promise.all(all);
      expect(streamed).toMatch(/begun[^]*late/);
      expect(pipelined).toMatch(/late[^]*hello/);
    },
  );

  it('is not served again when it came by a server that asked for no certificate', async () => {
    const served = await serve(tls, 'http1');
    const socket = await secureSocket(served);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    const rest = received(socket);
    await served.server.setConfig({ ...served.server.config, tls: trusting });
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await rest;
    expect(served.seen).toBe(1);
  });
});

describe('a client of a server whose place one takes that does not trust it', () => {
  const name = 'a';
  it.each<[string, (pool: Pool, options: ServerOptions) => Promise<unknown>]>([
    ['store', (pool, options) => pool.store(opened.server(options))],
    ['storeNew', (pool, options) => pool.storeNew(options)],
    ['apply under another name', (pool, options) => pool.apply([{ ...options, name: 'b' }])],
  ])('is not served again on its connection, by %s', async (_, replace) => {
    const path = join(await opened.folder(), 'a.sock');
    const pool = opened.pool({
      handlers: () => ({ default: (_request, response) => response.end('hello') }),
    });
    const options = {
      name,
      listen: `unix:${path}`,
      idleTimeout: '1h',
      shutdown: { timeout: '1h' },
    };
    await pool.storeNew({ ...options, tls: trusting }, { start: true });
    await pool.start();
    const socket = connect({ path, servername: 'localhost', ca: ca.cert, ...client });
    opened.onClose(() => socket.destroy());
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    const rest = received(socket);
    const replaced = replace(pool, { ...options, tls: changed });
    expect(await rest).toBe('');
    await replaced;
  });
});

it('a client over HTTP/2 that is not trusted any more is answered what it asked before, and nothing more', async () => {
  const served = await serve(trusting, 'http2');
  const { port } = served.server.address as { port: number };
  const session: ClientHttp2Session = connectHttp2(`https://localhost:${port}`, {
    ca: ca.cert,
    ...client,
  });
  session.on('error', () => undefined);
  opened.onClose(() => session.destroy());
  const stream = session.request({ ':path': '/wait' });
  while (served.waiting.length === 0) await new Promise(setImmediate);
  await served.server.setConfig({ ...served.server.config, tls: changed });
  const closed = once(session, 'close');
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  served.waiting[0]!();
  await once(stream, 'end');
  expect(text).toBe('late');
  await closed;
  expect(served.seen).toBe(1);
});

it('goes on with those who are trusted as before when only the certificate is renewed', async () => {
  const served = await serve(trusting, 'http1');
  const socket = await secureSocket(served);
  const { renewed } = await import('../support/certificates.js');
  await served.server.setConfig({
    ...served.server.config,
    tls: { ...trusting, certs: [renewed] },
  });
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 200/);
  expect(answer.toString()).not.toMatch(/connection: close/i);
});

describe('a default TLS function that gives no certificate any more', () => {
  it.each(['restart', 'setConfig'] as const)(
    'leaves the server with the one before: %s',
    async (how) => {
      let answer: TlsOptions = trusting;
      const server = opened.server(
        { name: 'a', listen: LOOPBACK, tls: { inheritDefault: true } },
        {
          tls: () => answer,
          handlers: () => ({ default: (_, response) => response.end('hello') }),
        },
      );
      await server.start();
      answer = {};
      const work =
        how === 'restart'
          ? server.restart()
          : server.setConfig({ ...server.config, readTimeout: 1000 });
      const error = await failure<ServerError>(work);
      expect(error.code).toBe(ServerErrorCode.ERR_SERVER_START);
      expect(server.state).toBe('running');
      expect(server.tls).toBe(true);
      const { port } = server.address as { port: number };
      const socket = connect({
        host: '127.0.0.1',
        port,
        servername: 'localhost',
        ca: ca.cert,
        ...stranger,
      });
      socket.on('error', () => undefined);
      await once(socket, 'close');
    },
  );
});
