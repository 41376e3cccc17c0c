import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ServerErrorCode,
  type DrainReport,
  type PooledServer,
  type ServerError,
  type ServerOptions,
} from '../../lib/index.js';
import { ca, issue, localhost } from '../support/certificates.js';
import { thrown } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const tls = { certs: [localhost] };
const mixedKeys = { certs: [localhost, await issue(ca, ['other.test'], { keyType: 'rsa' })] };
const protocols: [string, Partial<ServerOptions>][] = [
  ['http', {}],
  ['https', { tls }],
  ['https with mixed keys', { tls: mixedKeys }],
  ['h2c', { protocol: 'http2' }],
  ['h2', { protocol: 'http2', tls }],
];

const header = 'PROXY TCP4 203.0.113.7 10.0.0.1 55555 443\r\n';

async function serve(options: Partial<ServerOptions>): Promise<PooledServer> {
  const server = opened.server(
    {
      name: 'a',
      listen: LOOPBACK,
      proxyProtocol: 'required',
      trustedProxies: ['127.0.0.1'],
      ...options,
    },
    {
      handlers: () => ({
        default: ({ socket }, response) =>
          response.end(`${socket.remoteFamily} ${socket.remoteAddress}:${socket.remotePort}`),
      }),
    },
  );
  await server.start();
  return server;
}

/** A connection, after these bytes were sent on it one by one. */
async function opening({ address }: PooledServer, bytes: Buffer | string): Promise<Socket> {
  const socket = connect(address as { host: string; port: number });
  opened.onClose(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  for (const byte of Buffer.from(bytes as string)) {
    socket.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  return socket;
}

/** What the server says of the client whose connection this is. */
async function asked(server: PooledServer, raw: Socket): Promise<string> {
  const { protocol = 'http1' } = server.config;
  const socket = server.tls
    ? connectTls({
        socket: raw,
        servername: 'localhost',
        ca: ca.cert,
        ALPNProtocols: protocol === 'http2' ? ['h2'] : ['http/1.1'],
      })
    : raw;
  socket.on('error', () => undefined);
  let text = '';
  if (protocol === 'http2') {
    const session = connectHttp2('http://localhost', { createConnection: () => socket });
    const stream = session.request({ ':path': '/' });
    stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(stream, 'end');
    session.destroy();
    return text;
  }
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await once(socket, 'close');
  return text.split('\r\n\r\n')[1] ?? '';
}

describe.each(protocols.filter(([, { tls: secure }]) => secure))(
  'the time of a TLS handshake: %s',
  (_protocol, options) => {
    it('begins with the connection, however late its PROXY header comes', async () => {
      const server = await serve({ ...options, handshakeTimeout: '1s' });
      const early = await opening(server, '');
      const ended: string[] = [];
      const closed = once(early, 'close').then(() => ended.push('early'));
      await wait(500);
      const late = await opening(server, header);
      const lateClosed = once(late, 'close').then(() => ended.push('late'));
      await wait(50);
      early.write(header);
      await Promise.all([closed, lateClosed]);
      expect(ended).toEqual(['early', 'late']);
      await server.stop();
    });
  },
);

describe.each(protocols)('the PROXY header over %s', (_, options) => {
  it.each(['required', 'optional'] as const)(
    'tells the client when it is %s',
    async (proxyProtocol) => {
      const server = await serve({ ...options, proxyProtocol });
      expect(await asked(server, await opening(server, header))).toBe('IPv4 203.0.113.7:55555');
    },
  );

  it('may come in one piece with what follows, and in version 2', async () => {
    const server = await serve(options);
    const block = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb0071070a000001d90301bb', 'hex');
    const socket = connect(server.address as { host: string; port: number });
    opened.onClose(() => socket.destroy());
    socket.write(block);
    expect(await asked(server, socket)).toBe('IPv4 203.0.113.7:55555');
  });

  it('is not needed when it is optional', async () => {
    const server = await serve({ ...options, proxyProtocol: 'optional' });
    expect(await asked(server, await opening(server, ''))).toMatch(/^IPv4 127\.0\.0\.1:/);
  });

  it.each([
    ['missing', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['malformed', 'PROXY TCP4 nobody 10.0.0.1 1 2\r\n'],
    ['of a stranger', header],
  ])('closes the connection when it is required and %s', async (how, bytes) => {
    const trustedProxies = how === 'of a stranger' ? ['192.0.2.1'] : ['127.0.0.1'];
    const server = await serve({ ...options, trustedProxies });
    const socket = await opening(server, bytes);
    let received = '';
    socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
    if (!socket.destroyed) await once(socket, 'close');
    expect(received).toBe('');
    expect(server.stats()).toMatchObject({ connections: 0, requests: 0 });
  });

  it('that does not come ends with the handshake timeout, and holds no stop', async () => {
    const server = await serve({ ...options, handshakeTimeout: 200 });
    const socket = await opening(server, 'PROXY ');
    await once(socket, 'close');
    const waiting = await opening(await serve(options), 'PROXY ');
    opened.onClose(() => waiting.destroy());
    const report = await server.stop();
    expect(report.timedOut).toBe(false);
  });

  it('with nothing behind it is no request: a stop ends it as one that is silent', async () => {
    const { cut, timedOut } = await silentStop(options, 60_000);
    expect([timedOut, cut.http1 + cut.http2]).toEqual([false, 0]);
  });

  it.each([
    ['is trusted', ['127.0.0.1']],
    ['is not trusted', ['192.0.2.1']],
  ])(
    'is not missed by the checks of the pool, whether this machine %s',
    async (_how, trustedProxies) => {
      const server = await serve({ ...options, trustedProxies, monitor: { path: '/' } });
      await server.healthCheck();
      const { monitor, ...without } = server.config;
      expect(monitor).toBeDefined();
      await server.setConfig(without);
      await server.healthCheck();
    },
  );

  it('comes to be required on a server that runs', async () => {
    const server = await serve({ ...options, proxyProtocol: 'off', trustedProxies: [] });
    expect(await asked(server, await opening(server, ''))).toMatch(/^IPv4 127\.0\.0\.1:/);
    await server.setConfig({
      ...server.config,
      proxyProtocol: 'required',
      trustedProxies: ['127.0.0.1'],
    });
    expect(await asked(server, await opening(server, header))).toBe('IPv4 203.0.113.7:55555');
  });
});

/** A stop of a server whose client has sent nothing but a header, and what would begin TLS. */
async function silentStop(options: Partial<ServerOptions>, timeout: number): Promise<DrainReport> {
  const server = await serve(options);
  const socket = await opening(server, header);
  if (options.tls) {
    const ALPNProtocols = [options.protocol === 'http2' ? 'h2' : 'http/1.1'];
    const secure = connectTls({ socket, servername: 'localhost', ca: ca.cert, ALPNProtocols });
    await once(secure.resume(), 'secureConnect');
  } else socket.resume();
  return server.stop({ timeout });
}

it('with nothing behind it is an idle connection when it is cut', async () => {
  expect((await silentStop({}, 50)).cut).toMatchObject({ idle: 1, http1: 0 });
});

it('from a stranger is ordinary bytes when it is optional', async () => {
  const server = await serve({ proxyProtocol: 'optional', trustedProxies: ['192.0.2.1'] });
  const socket = await opening(server, '');
  let received = '';
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  socket.write(`${header}\r\n`);
  await once(socket, 'close');
  expect(received).toMatch(/^HTTP\/1.1 400/);
});

it('is read on a unix socket, whose peers are this machine', async () => {
  const path = join(await opened.folder(), 'a.sock');
  const server = await serve({ listen: `unix:${path}` });
  expect(await asked(server, await opening(server, header))).toBe('IPv4 203.0.113.7:55555');
});

it('needs to know whom to believe', () => {
  for (const trustedProxies of [undefined, []]) {
    const error = thrown<ServerError>(() =>
      opened.server({ name: 'a', listen: LOOPBACK, proxyProtocol: 'optional', trustedProxies }),
    );
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_VALIDATE);
    expect(error.issues[0]!.path).toBe('proxyProtocol');
  }
});
