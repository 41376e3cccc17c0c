import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ServerErrorCode,
  type PooledServer,
  type ServerError,
  type TlsOptions,
} from '../../lib/index.js';
import { ca, first, issue, localhost, second, type KeyPair } from '../support/certificates.js';
import { gate, thrown } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const year = (years: number): Date => new Date(Date.now() + years * 31_536_000_000);
const rsa = await issue(ca, ['localhost'], { keyType: 'rsa' });
const rsaOther = await issue(ca, ['other.test'], { keyType: 'rsa' });
const ends1 = await issue(ca, ['localhost'], { notAfterDate: year(1) });
const ends2 = await issue(ca, ['localhost'], { notAfterDate: year(2) });
const ended = await issue(ca, ['localhost'], { notAfterDate: year(-0.01) });
const commonNameOnly = await issue(ca, ['common.test'], { onlyCommonName: true });
const nameless = await issue(ca, ['No Name At All'], { onlyCommonName: true });

const lines: string[] = [];
const logger = {
  log: (): void => undefined,
  warn: (line: string): unknown => lines.push(line),
  error: (line: string): unknown => lines.push(line),
};

async function serve(tls: TlsOptions, protocol: 'http1' | 'http2'): Promise<PooledServer> {
  lines.length = 0;
  const server = opened.server(
    { name: 'a', listen: LOOPBACK, tls, protocol },
    { logger, handlers: () => ({ default: (_request, response) => response.end('hello') }) },
  );
  await server.start();
  return server;
}

/** What of the certificate tells it from the others: its serial number. */
async function presented(server: PooledServer, options: ConnectionOptions = {}): Promise<string> {
  const { port } = server.address as { port: number };
  const socket: TLSSocket = connect({
    host: '127.0.0.1',
    port,
    ca: ca.cert,
    servername: 'localhost',
    rejectUnauthorized: false,
    ...options,
  });
  opened.onClose(() => socket.destroy());
  await once(socket, 'secureConnect');
  const { raw } = socket.getPeerCertificate();
  socket.destroy();
  const pem = raw.toString('base64');
  const known = { localhost, rsa, rsaOther, first, second, ends1, ends2, ended, commonNameOnly };
  const flat = (text: string): string => text.replace(/-----[^-]+-----|\s/g, '');
  return Object.entries(known).find(([, { cert }]) => flat(cert) === pem)?.[0] ?? 'unknown';
}

const onlyRsa: ConnectionOptions[] = [
  { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' },
  { minVersion: 'TLSv1.3', sigalgs: 'rsa_pss_rsae_sha256:RSA+SHA256' },
];
const onlyEc: ConnectionOptions[] = [
  { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
  { minVersion: 'TLSv1.3', sigalgs: 'ecdsa_secp256r1_sha256' },
];

describe.each(['http1', 'http2'] as const)('certificates over %s', (protocol) => {
  it.each([
    ['first the one with an EC key', [localhost, rsa]],
    ['first the one with an RSA key', [rsa, localhost]],
  ])('of one name with two types of keys serve both kinds of clients, %s', async (_, certs) => {
    const server = await serve({ certs }, protocol);
    for (const options of onlyRsa) expect(await presented(server, options)).toBe('rsa');
    for (const options of onlyEc) expect(await presented(server, options)).toBe('localhost');
    for (const options of onlyRsa) {
      expect(await presented(server, { ...options, servername: '' })).toBe('rsa');
    }
    expect(lines).toEqual([]);
  });

  it('of several names with different types of keys are each served for their own', async () => {
    const server = await serve({ certs: [localhost, rsaOther, second] }, protocol);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const options = { minVersion: version, maxVersion: version };
      const names = { localhost: 'localhost', 'other.test': 'rsaOther', 'second.test': 'second' };
      for (const [servername, name] of Object.entries(names)) {
        expect(await presented(server, { ...options, servername })).toBe(name);
      }
      expect(await presented(server, { ...options, servername: 'unknown.test' })).toBe('localhost');
    }
  });

  it('of both types for a name that is not the first are both served', async () => {
    const server = await serve({ certs: [first, rsa, localhost] }, protocol);
    for (const options of onlyRsa) expect(await presented(server, options)).toBe('rsa');
    for (const options of onlyEc) expect(await presented(server, options)).toBe('localhost');
    expect(await presented(server, { servername: 'first.test' })).toBe('first');
  });

  it.each([
    ['the old one first', [ends1, ends2]],
    ['the renewed one first', [ends2, ends1]],
    ['an expired one first', [ended, ends2]],
  ])('of one name and type serve the one that ends last, and say so: %s', async (_, certs) => {
    const server = await serve({ certs }, protocol);
    expect(await presented(server)).toBe('ends2');
    expect(await presented(server, { servername: 'unknown.test' })).toBe('ends2');
    expect(lines.some((line) => line.includes("is not served for 'localhost'"))).toBe(true);
  });

  it('with a common name alone are served for it, also when they are not the first', async () => {
    const server = await serve({ certs: [localhost, commonNameOnly] }, protocol);
    expect(await presented(server, { servername: 'common.test' })).toBe('commonNameOnly');
  });

  it.each(['SECOND.test', 'second.test.', 'a.second.test', 'A.Second.Test.'])(
    'are found by the name %s',
    async (servername) => {
      for (const certs of [
        [first, second],
        [rsa, second],
      ]) {
        const server = await serve({ certs }, protocol);
        expect(await presented(server, { servername })).toBe('second');
      }
    },
  );

  it.each<[string, KeyPair[], KeyPair[]]>([
    ['change their order', [first, second], [second, first]],
    ['are others', [first], [second]],
    ['have keys of one type only', [first, rsaOther, second], [second]],
    ['have keys of several types', [localhost, rsa, second], [second, rsaOther]],
  ])(
    'are those after a change for who had connected before, and asks now: they %s',
    async (_, before, after) => {
      const server = await serve({ certs: before }, protocol);
      const accepted = gate();
      server.observe({ connectionAccepted: () => accepted.open() });
      const { port } = server.address as { port: number };
      const socket = connectTcp({ host: '127.0.0.1', port });
      await accepted.opened;
      await server.setConfig({ ...server.config, tls: { certs: after } });
      const ec = { ...onlyEc[1], socket, servername: 'second.test' };
      expect(await presented(server, ec)).toBe('second');
    },
  );

  it('of its own go before those of the default, for the names that it has', async () => {
    const pool = opened.pool({
      tls: { certs: [ends2, rsaOther] },
      handlers: () => ({ default: (_request, response) => response.end() }),
    });
    const tls = { certs: [ends1], inheritDefault: true };
    const server = await pool.storeNew(
      { name: 'a', listen: LOOPBACK, tls, protocol },
      { start: true },
    );
    expect(await presented(server)).toBe('ends1');
    expect(await presented(server, { servername: 'other.test' })).toBe('rsaOther');
  });
});

it('refuses a certificate that has no name to be served by, unless it is the first', () => {
  const certs = [localhost, nameless];
  const error = thrown<ServerError>(() =>
    opened.server({ name: 'a', listen: LOOPBACK, tls: { certs } }),
  );
  expect(error.code).toBe(ServerErrorCode.ERR_SERVER_VALIDATE);
  expect(error.issues.map(({ path }) => path)).toEqual(['tls.certs[1].names']);
  opened.server({ name: 'a', listen: LOOPBACK, tls: { certs: [nameless, localhost] } });
  const named = [localhost, { ...nameless, names: ['named.test'] }];
  opened.server({ name: 'a', listen: LOOPBACK, tls: { certs: named } });
});

it('refuses a name that no client can ask for, and shows none that is a key', () => {
  const good = ['a.test', '*.a_b.test', 'Bücher.test.'];
  const bad = [
    'https://example.com',
    'example.com:443',
    'a b.test',
    '*',
    'www.*.test',
    'a..test',
    `${'a'.repeat(64)}.test`,
    Buffer.from(localhost.key).toString('base64'),
  ];
  const certs = [{ ...localhost, names: [...good, ...bad] }];
  const error = thrown<ServerError>(() =>
    opened.server({ name: 'a', listen: LOOPBACK, tls: { certs } }),
  );
  const places = bad.map((_, at) => `tls.certs[0].names[${good.length + at}]`);
  expect(error.issues.map(({ path }) => path)).toEqual(places);
  expect(error.message).not.toContain(bad.at(-1)!.slice(0, 40));
});

describe('a client that is none', () => {
  const parts = (bytes: Buffer): Buffer[] => [...bytes].map((byte) => Buffer.from([byte]));
  it.each<[string, Buffer[]]>([
    ['sends plain HTTP', [Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n')]],
    ['sends a record that is no handshake', [Buffer.from([23, 3, 1, 0, 1, 0])]],
    ['sends a hello that is cut off', parts(Buffer.from([22, 3, 1, 0, 4, 1, 0, 0, 0]))],
    ['sends a hello of wrong lengths', [Buffer.from([22, 3, 1, 0, 6, 1, 0, 0, 2, 255, 255])]],
    ['sends zeros', [Buffer.alloc(1000)]],
  ])('does not disturb the others when it %s', async (_, chunks) => {
    const { connect: connectTcp } = await import('node:net');
    const server = await serve({ certs: [localhost, rsaOther] }, 'http1');
    const { port } = server.address as { port: number };
    const socket = connectTcp(port, '127.0.0.1');
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    for (const chunk of chunks) socket.write(chunk);
    socket.end();
    socket.resume();
    await once(socket, 'close');
    expect(await presented(server, { servername: 'other.test' })).toBe('rsaOther');
    const report = await server.stop();
    expect(report.timedOut).toBe(false);
  });
});
