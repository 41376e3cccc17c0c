import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer, ServerOptions, TlsOptions } from '../../lib/index.js';
import { ca, client, clientCa, first, issue, stranger, tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const asking: TlsOptions = { ...tls, authClient: 'request', clientCA: clientCa.cert };

interface Answer {
  readonly authorized: boolean;
  readonly error: string | null;
  readonly reused: boolean;
}

const handlers = () => ({
  default: (request: IncomingMessage, response: ServerResponse) => {
    const socket = request.socket as TLSSocket;
    const { authorized, authorizationError: error } = socket;
    const reused = socket.isSessionReused?.();
    response.end(JSON.stringify({ authorized, error, reused }));
  },
});

interface Visit {
  /** Undefined where the handshake failed. */
  readonly answer: Answer | undefined;
  readonly ticket: Buffer | undefined;
}

async function visit(server: PooledServer, options: ConnectionOptions): Promise<Visit> {
  const { port } = server.address as { port: number };
  const to = { host: '127.0.0.1', port, servername: 'localhost', ca: ca.cert };
  const socket = connect({ ...to, ...options });
  opened.onClose(() => socket.destroy());
  let text = '';
  let ticket: Buffer | undefined;
  socket.on('error', () => undefined);
  socket.on('session', (session: Buffer) => (ticket = session));
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  const body = text.split('\r\n\r\n')[1];
  return { answer: body === undefined ? undefined : (JSON.parse(body) as Answer), ticket };
}

async function serve(options: Partial<ServerOptions>): Promise<PooledServer> {
  const server = opened.server({ name: 'a', listen: LOOPBACK, ...options }, { handlers });
  await server.start();
  return server;
}

const unproven = { authorized: false, error: 'UNABLE_TO_GET_ISSUER_CERT' };
const mixed: TlsOptions = {
  ...asking,
  certs: [...tls.certs, await issue(ca, ['rsa.test'], { keyType: 'rsa' })],
};

describe.each(['http1', 'http2'] as const)('a client without a certificate over %s', (protocol) => {
  it.each<[string, TlsOptions, ConnectionOptions]>([
    ['TLS 1.3', asking, {}],
    ['TLS 1.2', asking, { maxVersion: 'TLSv1.2' }],
    [
      'the certificate of another name',
      { ...asking, certs: [...tls.certs, first] },
      { servername: 'first.test' },
    ],
    ['certificates with keys of two types', mixed, {}],
  ])('is not authorized when it resumes, by %s', async (_, options, how) => {
    const server = await serve({ protocol, tls: options });
    const before = await visit(server, how);
    expect(before.answer).toEqual({ ...unproven, reused: false });
    const again = await visit(server, { ...how, session: before.ticket });
    expect(again.answer).toEqual({ ...unproven, reused: true });
    const third = await visit(server, { ...how, session: again.ticket ?? before.ticket });
    expect(third.answer).toMatchObject(unproven);
  });

  it('is not authorized when it resumes with a server that inherits its TLS', async () => {
    const options = { name: 'a', listen: LOOPBACK, protocol, tls: { inheritDefault: true } };
    const server = opened.server(options, { handlers, tls: () => asking });
    await server.start();
    const { ticket } = await visit(server, {});
    expect((await visit(server, { session: ticket })).answer).toEqual({
      ...unproven,
      reused: true,
    });
  });

  it('is not authorized when it resumes after a change of the config and a restart', async () => {
    const server = await serve({ protocol, tls: asking });
    const { ticket } = await visit(server, {});
    await server.setConfig({ ...server.config, readTimeout: 5000, tls: asking });
    await server.restart();
    expect((await visit(server, { session: ticket })).answer).toMatchObject(unproven);
  });

  it.each<[string, TlsOptions, ConnectionOptions, boolean]>([
    ['with one that is trusted', asking, client, true],
    ['with one that is not', asking, stranger, false],
    ['with one that it must have', { ...asking, authClient: 'require' }, client, true],
  ])('differs from one %s', async (_, options, how, authorized) => {
    const server = await serve({ protocol, tls: options });
    const { answer, ticket } = await visit(server, how);
    expect(answer).toMatchObject({ authorized, reused: false });
    const again = await visit(server, { ...how, session: ticket });
    expect(again.answer).toMatchObject({ authorized, reused: true });
  });
});

describe('a ticket of before', () => {
  it.each<[string, TlsOptions, TlsOptions, ConnectionOptions, Partial<Answer> | undefined]>([
    [
      'another CA, where a certificate is needed',
      { ...asking, authClient: 'require' },
      { ...asking, authClient: 'require', clientCA: ca.cert },
      client,
      undefined,
    ],
    [
      'another CA',
      asking,
      { ...asking, clientCA: ca.cert },
      client,
      { authorized: false, reused: false },
    ],
    [
      'certificates that are needed, and were asked for',
      asking,
      { ...asking, authClient: 'require' },
      {},
      undefined,
    ],
    ['certificates that are asked for, and were not', tls, asking, {}, { ...unproven }],
    [
      'certificates that are needed, and were not',
      tls,
      { ...asking, authClient: 'require' },
      {},
      undefined,
    ],
  ])('resumes nothing after a change to %s', async (_, before, after, how, expected) => {
    const server = await serve({ tls: before });
    const { ticket } = await visit(server, how);
    await server.setConfig({ ...server.config, tls: after });
    const { answer } = await visit(server, { ...how, session: ticket });
    if (expected) expect(answer).toMatchObject(expected);
    else expect(answer).toBeUndefined();
  });
});
