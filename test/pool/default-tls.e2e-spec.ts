import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ServerErrorCode,
  type DefaultTls,
  type PoolError,
  type ServerError,
} from '../../lib/index.js';
import { first, renewed, second, tls } from '../support/certificates.js';
import { failure } from '../support/events.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { ask, text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const handlers = () => ({ default: says('secure') });
const inheriting = { name: 'a', listen: LOOPBACK, tls: { inheritDefault: true } };

describe('mandatory TLS', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it.each([
    ['no tls at all', {}],
    ['tls without a certificate', { tls: {} }],
    ['nothing to inherit', { tls: { inheritDefault: true } }],
  ])('refuses to start with %s', async (_what, more) => {
    const pool = opened.pool();
    const server = await pool.storeNew({
      name: 'a',
      listen: LOOPBACK,
      tlsMandatory: true,
      ...more,
    });
    const error = await failure<PoolError>(pool.start());
    expect(error.errors[0]?.code).toBe(ServerErrorCode.ERR_SERVER_START);
    expect(error.message).toContain("Server 'a' has tlsMandatory and no certificate");
    expect(server.state).toBe('failed');
    expect(server.address).toBeUndefined();
  });

  it('starts with a certificate, own or inherited', async () => {
    const pool = opened.pool({ handlers, tls });
    await pool.storeNew({ name: 'own', listen: LOOPBACK, tlsMandatory: true, tls });
    await pool.storeNew({ ...inheriting, tlsMandatory: true });
    await pool.start();
    for (const { url } of pool) expect(await text(url)).toBe('secure');
  });

  it('is not there unless asked for: without a certificate a server speaks plain HTTP', async () => {
    const pool = opened.pool({ handlers });
    const server = await pool.storeNew(inheriting, { start: true });
    expect(server.tls).toBe(false);
    expect(server.url).toMatch(/^http:/);
    expect(await text(server.url)).toBe('secure');
  });
});

describe('the default TLS', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it.each<[string, DefaultTls]>([
    ['an object', tls],
    ['a function', () => tls],
    ['an asynchronous function', () => Promise.resolve(tls)],
  ])('can be %s', async (_what, tls) => {
    const pool = opened.pool({ handlers, tls });
    const server = await pool.storeNew(inheriting);
    expect([server.tls, server.expose]).toEqual([true, 'https://127.0.0.1:0']);
    await pool.start();
    expect(server.tls).toBe(true);
    expect(await ask(server.url ?? '', { servername: 'localhost' })).toMatchObject({
      body: 'secure',
      certificateName: 'localhost',
    });
  });

  it('is inherited only by servers that ask for it', async () => {
    const pool = opened.pool({ handlers, tls });
    await pool.storeNew({ name: 'plain', listen: LOOPBACK });
    await pool.storeNew({ name: 'empty', listen: LOOPBACK, tls: { inheritDefault: false } });
    await pool.storeNew(inheriting);
    await pool.start();
    expect([...pool].map((server) => server.tls)).toEqual([false, false, true]);
  });

  it('gives way to the own certificates of a server, and adds to them', async () => {
    const pool = opened.pool({ handlers, tls: { certs: [second] } });
    const own = { certs: [first], inheritDefault: true };
    const { url = '' } = await pool.storeNew({ ...inheriting, tls: own }, { start: true });
    const nameFor = async (servername: string): Promise<string> =>
      (await ask(url, { servername })).certificateName;
    expect(await nameFor('first.test')).toBe('first.test');
    expect(await nameFor('second.test')).toBe('second.test');
    expect((await ask(url)).certificateName).toBe('first.test');
  });

  it('is asked for at each start, so a renewed one is served after a restart', async () => {
    let certificate = first;
    const pool = opened.pool({ handlers, tls: () => ({ certs: [certificate] }) });
    const { url = '' } = await pool.storeNew(inheriting, { start: true });
    expect((await ask(url)).certificateName).toBe('first.test');
    certificate = renewed;
    await pool.restart();
    expect((await ask(url)).certificateName).toBe('localhost');
  });

  it.each<[string, () => never | Promise<never>]>([
    [
      'throws',
      () => {
        throw new Error('the vault is sealed');
      },
    ],
    ['rejects', () => Promise.reject(new Error('the vault is sealed'))],
  ])('fails the start of who inherits it when its function %s', async (_what, failing) => {
    const pool = opened.pool({ handlers, tls: failing });
    await pool.storeNew({ name: 'plain', listen: LOOPBACK });
    const server = await pool.storeNew(inheriting);
    const error = await failure<PoolError>(pool.start());
    expect(error.errors).toHaveLength(1);
    expect(error.errors[0]).toMatchObject({ server: 'a', bind: LOOPBACK });
    expect(error.errors[0]?.message).toContain('the vault is sealed');
    expect(error.errors[0]?.cause).toMatchObject({ message: 'the vault is sealed' });
    expect([...pool].map(({ state }) => state)).toEqual(['running', 'failed']);
    expect(server.address).toBeUndefined();
  });

  it('is checked before anything is bound when it is an object', async () => {
    const pool = opened.pool({ tls: { certs: [{ cert: first.cert, key: second.key }] } });
    const error = await failure<ServerError>(pool.storeNew(inheriting));
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_VALIDATE);
    expect(error.issues[0]?.path).toBe('default tls.certs[0].key');
    expect(error.issues[0]?.message).toContain('does not match the certificate');
  });
});
