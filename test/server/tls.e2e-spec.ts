import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ServerErrorCode,
  type PooledServer,
  type ServerError,
  type ServerOptions,
  type TlsOptions,
} from '../../lib/index.js';
import {
  ca,
  client,
  clientCa,
  encrypted,
  first,
  localhost,
  passphrase,
  second,
  stranger,
} from '../support/certificates.js';
import { failure, thrown } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask, text } from '../support/http-client.js';
import { Http2Client } from '../support/http2-client.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const serve = async (
  tls: TlsOptions,
  options: Partial<ServerOptions> = {},
): Promise<PooledServer> => {
  const config = { name: 'a', listen: LOOPBACK, tls, ...options };
  const server = opened.server(config, {
    handlers: () => ({
      default: (request, response) => {
        const { authorized } = request.socket as TLSSocket;
        response.end(authorized ? 'authorized' : 'anonymous');
      },
    }),
  });
  await server.start();
  return server;
};

/** Resolves to the socket after its handshake, with the version and cipher agreed on. */
const handshake = async (
  { url = '' }: PooledServer,
  options: ConnectionOptions = {},
): Promise<TLSSocket> => {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port), ca: ca.cert, ...options });
  opened.onClose(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
};

describe('server names', () => {
  const nameFor = async ({ url = '' }: PooledServer, servername: string): Promise<string> =>
    (await ask(url, { servername })).certificateName;

  it('get the certificate that is for them', async () => {
    const server = await serve({ certs: [first, second] });
    expect(await nameFor(server, 'first.test')).toBe('first.test');
    expect(await nameFor(server, 'second.test')).toBe('second.test');
    expect(await nameFor(server, 'www.second.test')).toBe('second.test');
    expect(await nameFor(server, 'WWW.Second.Test')).toBe('second.test');
  });

  it('that no certificate has get the first one', async () => {
    const server = await serve({ certs: [localhost, second] });
    const socket = await handshake(server, {
      servername: 'unknown.test',
      checkServerIdentity: () => undefined,
    });
    expect(socket.getPeerCertificate().subject.CN).toBe('localhost');
  });

  it('can be given with the certificate, instead of its own', async () => {
    const names = ['other.test'];
    const server = await serve({ certs: [first, { ...second, names }] });
    const anyName = { checkServerIdentity: () => undefined };
    const named = async (servername: string): Promise<unknown> =>
      (await handshake(server, { servername, ...anyName })).getPeerCertificate().subject.CN;
    expect(await named('other.test')).toBe('second.test');
    expect(await named('second.test')).toBe('first.test');
  });

  it('get their certificate over HTTP/2, and after a live change', async () => {
    const server = await serve({ certs: [first] }, { protocol: 'http2' });
    const certs = [first, second];
    await server.setConfig({ name: 'a', listen: LOOPBACK, protocol: 'http2', tls: { certs } });
    const http2 = await Http2Client.connect(server.url ?? '', { servername: 'second.test' });
    opened.onClose(() => http2.close());
    const socket = http2.session.socket as TLSSocket;
    expect(socket.getPeerCertificate().subject.CN).toBe('second.test');
  });
});

describe('certificates', () => {
  it('are read from files', async () => {
    const folder = await opened.folder();
    const [cert, key] = [`${folder}/cert.pem`, `${folder}/key.pem`];
    await writeFile(cert, localhost.cert);
    await writeFile(key, localhost.key);
    const server = await serve({ certs: [{ cert, key }] });
    expect(await text(server.url)).toBe('anonymous');
    await writeFile(cert, first.cert);
    await writeFile(key, first.key);
    await server.restart();
    expect((await ask(server.url ?? '')).certificateName).toBe('first.test');
  });

  it('are read with the passphrase of their key', async () => {
    const server = await serve({ certs: [{ ...encrypted, passphrase }] });
    expect((await ask(server.url ?? '')).certificateName).toBe('encrypted.test');
  });

  it('keep the old one serving when a new one is bad', async () => {
    const server = await serve({ certs: [first] });
    const certs = [{ cert: first.cert, key: second.key }];
    const change = server.setConfig({ name: 'a', listen: LOOPBACK, tls: { certs } });
    await expect(change).rejects.toMatchObject({ code: ServerErrorCode.ERR_SERVER_VALIDATE });
    expect((await ask(server.url ?? '')).certificateName).toBe('first.test');
  });
});

describe.each(['http1', 'http2'] as const)('client certificates over %s', (protocol) => {
  // With TLS 1.3 a client learns of it by an alert or a reset, whichever it sees first.
  const turnedAway = /alert|ECONNRESET|hang up|disconnected/;
  const require: TlsOptions = {
    certs: [localhost],
    clientCA: clientCa.cert,
    authClient: 'require',
  };

  it('are required: who has none, or a strange one, is turned away', async () => {
    const { url = '' } = await serve(require, { protocol });
    await expect(ask(url)).rejects.toThrow(turnedAway);
    await expect(ask(url, stranger)).rejects.toThrow(turnedAway);
    expect(await text(url, client)).toBe('authorized');
  });

  it('are asked for: who has none is served, and told apart', async () => {
    const { url = '' } = await serve({ ...require, authClient: 'request' }, { protocol });
    expect(await text(url)).toBe('anonymous');
    expect(await text(url, stranger)).toBe('anonymous');
    expect(await text(url, client)).toBe('authorized');
  });

  it('are not asked for unless the config says so', async () => {
    const { url = '' } = await serve({ certs: [localhost] }, { protocol });
    expect(await text(url, client)).toBe('anonymous');
  });

  it('come to be required on a live server', async () => {
    const server = await serve({ certs: [localhost] }, { protocol });
    await server.setConfig({ name: 'a', listen: LOOPBACK, tls: require, protocol });
    await expect(ask(server.url ?? '')).rejects.toThrow(turnedAway);
    expect(await text(server.url, client)).toBe('authorized');
  });
});

it('does not resume the session of a client whose CA was removed', async () => {
  const tls: TlsOptions = {
    certs: [localhost],
    clientCA: clientCa.cert,
    authClient: 'request',
  };
  const server = await serve(tls);
  const options = { ...client, maxVersion: 'TLSv1.2' } as const;
  const session = (await handshake(server, options)).getSession();
  expect((await handshake(server, { ...options, session })).isSessionReused()).toBe(true);
  await server.setConfig({ name: 'a', listen: LOOPBACK, tls: { ...tls, clientCA: ca.cert } });
  expect((await handshake(server, { ...options, session })).isSessionReused()).toBe(false);
});

it('gives no session tickets when they are off', async () => {
  const ticketOf = async (sessionTicketDisable: boolean): Promise<Buffer | undefined> => {
    const server = await serve({ certs: [localhost], sessionTicketDisable });
    return (await handshake(server, { maxVersion: 'TLSv1.2' })).getTLSTicket();
  };
  expect(await ticketOf(false)).toBeInstanceOf(Uint8Array);
  expect(await ticketOf(true)).toBeUndefined();
});

describe('versions, ciphers and curves', () => {
  it('refuse a client below the lowest version', async () => {
    const server = await serve({ certs: [localhost], versionMin: 'TLSv1.3' });
    const error = await failure(handshake(server, { maxVersion: 'TLSv1.2' }));
    expect((error as NodeJS.ErrnoException).code).toMatch(/PROTOCOL_VERSION|ECONNRESET/);
    expect((await handshake(server)).getProtocol()).toBe('TLSv1.3');
  });

  it('keep to the highest version', async () => {
    const server = await serve({ certs: [localhost], versionMax: 'TLSv1.2' });
    expect((await handshake(server)).getProtocol()).toBe('TLSv1.2');
  });

  it.each(['ECDHE-ECDSA-AES256-GCM-SHA384', ['ECDHE-ECDSA-AES256-GCM-SHA384']])(
    'keep to the cipher suites given as %p',
    async (cipherList) => {
      const server = await serve({ certs: [localhost], cipherList });
      const socket = await handshake(server, { maxVersion: 'TLSv1.2' });
      expect(socket.getCipher().name).toBe('ECDHE-ECDSA-AES256-GCM-SHA384');
    },
  );

  it('keep to the curves given', async () => {
    const server = await serve({ certs: [localhost], curveList: ['P-256', 'P-384'] });
    expect((await handshake(server)).getEphemeralKeyInfo()).toMatchObject({ name: 'prime256v1' });
  });

  it.each([
    ['tls.cipherList', { cipherList: 'NO-SUCH-CIPHER' }],
    ['tls.curveList', { curveList: 'no-such-curve' }],
  ])('are a fault at %s when they are unknown', (path, more) => {
    const options = { name: 'a', listen: LOOPBACK, tls: { certs: [localhost], ...more } };
    const error = thrown<ServerError>(() => opened.server(options));
    expect(error.issues.map((issue) => issue.path)).toEqual([path]);
  });
});

it('survives a client that speaks plain HTTP', async () => {
  const server = await serve({ certs: [localhost] });
  expect((await ask((server.url ?? '').replace('https:', 'http:'))).status).toBe(400);
  expect(await text(server.url)).toBe('anonymous');
});
