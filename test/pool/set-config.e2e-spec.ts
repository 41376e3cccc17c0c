import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ServerErrorCode,
  type Pool,
  type PooledServer,
  type ServerError,
  type ServerOptions,
} from '../../lib/index.js';
import { first, localhost, renewed, second, tls } from '../support/certificates.js';
import { failure, record } from '../support/events.js';
import { freePort } from '../support/free-port.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { ask, keepAlive, text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { refusal } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const handlers = () => ({ default: says('one'), two: says('two') });

const running = async (more: Partial<ServerOptions> = {}): Promise<[Pool, PooledServer]> => {
  const pool = opened.pool({ handlers });
  return [pool, await pool.storeNew({ name: 'a', listen: LOOPBACK, ...more }, { start: true })];
};

describe('a change of the config of a running server', () => {
  it.each<[kind: string, what: string, from: Partial<ServerOptions>, to: Partial<ServerOptions>]>([
    ['live', 'a handlerKey', {}, { handlerKey: 'two' }],
    ['live', 'a timeout', {}, { idleTimeout: '1s' }],
    ['live', 'a limit', {}, { maxConnections: 10 }],
    ['live', 'a certificate', { tls }, { tls: { certs: [renewed] } }],
    ['live', 'the name', {}, { name: 'b' }],
    ['live', 'the exposed URL', {}, { expose: 'https://a.test' }],
    ['live', 'the shutdown', {}, { shutdown: { timeout: '1s' } }],
    ['swap', 'the protocol', {}, { protocol: 'http2' }],
    ['swap', 'TLS on', {}, { tls }],
    ['swap', 'TLS off', { tls }, {}],
    [
      'swap',
      'a setting of HTTP/2',
      { protocol: 'http2' },
      { protocol: 'http2', maxConcurrentStreams: 7 },
    ],
    ['swap', 'the handshake timeout', { tls }, { tls, handshakeTimeout: '1s' }],
    ['rebind', 'the host', {}, { listen: '[::1]:0' }],
  ])('is %s for %s', async (kind, _what, from, to) => {
    const [pool, server] = await running(from);
    const { address } = server;
    const events = record(pool);
    await server.setConfig({ name: 'a', listen: LOOPBACK, ...to });
    expect(events.map((event) => [event.type, event.kind])).toEqual([['config', kind]]);
    expect(server.state).toBe('running');
    if (kind !== 'rebind') expect(server.address).toEqual(address);
    expect(server.config).toMatchObject(to);
  });

  it('is none for equal values, in any spelling', async () => {
    const [pool, server] = await running({ idleTimeout: '1s', tls: { certs: [localhost] } });
    const events = record(pool);
    const certs = [{ ...localhost }];
    await server.setConfig({
      name: 'a',
      listen: '127.0.0.1:00',
      idleTimeout: 1000,
      tls: { certs },
    });
    expect(events).toEqual([]);
  });

  it('serves another handler on the same open connection', async () => {
    const [, server] = await running();
    const agent = keepAlive();
    opened.onClose(() => agent.destroy());
    const url = server.url ?? '';
    expect((await ask(url, { agent })).body).toBe('one');
    await server.setConfig({ name: 'a', listen: LOOPBACK, handlerKey: 'two' });
    const answer = await ask(url, { agent });
    expect([answer.body, answer.headers.connection]).toEqual(['two', 'keep-alive']);
  });

  it('serves new handshakes with a new certificate', async () => {
    const [, server] = await running({ tls: { certs: [first] } });
    expect((await ask(server.url ?? '')).certificateName).toBe('first.test');
    await server.setConfig({ name: 'a', listen: LOOPBACK, tls: { certs: [second] } });
    expect((await ask(server.url ?? '')).certificateName).toBe('second.test');
  });

  it('switches from HTTP to HTTPS on the same port, and back', async () => {
    const [, server] = await running();
    const plain = server.url ?? '';
    await server.setConfig({ name: 'a', listen: LOOPBACK, tls });
    expect(server.url).toBe(plain.replace('http:', 'https:'));
    expect(await text(server.url)).toBe('one');
    await server.setConfig({ name: 'a', listen: LOOPBACK });
    expect(await text(plain)).toBe('one');
  });

  it('moves to another address: bound before the old one is let go', async () => {
    const [pool, server] = await running();
    const old = server.url ?? '';
    const listen = `127.0.0.1:${await freePort()}`;
    await server.setConfig({ name: 'a', listen });
    expect(server).toMatchObject({ bind: listen, url: `http://${listen}`, state: 'running' });
    expect(await text(server.url)).toBe('one');
    expect(await refusal(old)).toBe('ECONNREFUSED');
    expect(pool.load(listen)).toBe(server);
    expect(pool.has(LOOPBACK)).toBe(false);
  });

  it('answers what was in flight at the old address', async () => {
    const { handler, entered, release } = held('whole');
    const server = opened.server(
      { name: 'a', listen: LOOPBACK },
      { handlers: () => ({ '': handler }) },
    );
    await server.start();
    const answer = text(server.url);
    await entered.opened;
    await server.setConfig({ name: 'a', listen: '[::1]:0' });
    release.open();
    expect(await answer).toBe('whole');
  });

  it.each([
    ['127.0.0.1', '0.0.0.0'],
    ['0.0.0.0', '127.0.0.1'],
    ['127.0.0.1', ''],
  ])('widens or narrows the host on one port: %p to %p', async (from, to) => {
    const port = await freePort();
    const [pool, server] = await running({ listen: `${from}:${port}` });
    const events = record(pool);
    await server.setConfig({ name: 'a', listen: `${to}:${port}` });
    expect(events.map(({ kind }) => kind)).toEqual(['rebind']);
    expect(server.url).toBe(`http://127.0.0.1:${port}`);
    expect(await text(server.url)).toBe('one');
  });

  it('widens the host of a port-0 server at the port it has', async () => {
    const [, server] = await running();
    const port = new URL(server.url ?? '').port;
    await server.setConfig({ name: 'a', listen: `0.0.0.0:${port}` });
    expect(server.bind).toBe(`0.0.0.0:${port}`);
    expect(await text(`http://127.0.0.1:${port}`)).toBe('one');
  });

  it('stops a server that is disabled, and does not start one that is enabled again', async () => {
    const [, server] = await running();
    await server.setConfig({ name: 'a', listen: LOOPBACK, disabled: true });
    expect([server.state, server.disabled]).toEqual(['stopped', true]);
    await server.start();
    expect(server.state).toBe('stopped');
    await server.setConfig({ name: 'a', listen: LOOPBACK });
    expect([server.state, server.disabled]).toEqual(['stopped', false]);
  });

  it('takes effect at the next start when the server is stopped', async () => {
    const pool = opened.pool({ handlers });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK });
    await server.setConfig({ name: 'a', listen: LOOPBACK, handlerKey: 'two', tls });
    expect(server.tls).toBe(true);
    await server.start();
    expect(await text(server.url)).toBe('two');
  });
});

describe('a bad config', () => {
  it.each<[string, unknown, string]>([
    ['an unknown key', { name: 'a', listen: LOOPBACK, colour: 'red' }, 'ERR_SERVER_VALIDATE'],
    ['no object', null, 'ERR_SERVER_VALIDATE'],
    [
      'a missing file',
      { name: 'a', listen: LOOPBACK, tls: { certs: [{ cert: 'no', key: 'no' }] } },
      'ERR_SERVER_VALIDATE',
    ],
    [
      'TLS that is mandatory and missing',
      { name: 'a', listen: LOOPBACK, tlsMandatory: true },
      'ERR_SERVER_START',
    ],
    [
      'an address this machine lacks',
      { name: 'a', listen: '203.0.113.1:0' },
      'ERR_SERVER_INVALID_ADDRESS',
    ],
  ])('with %s leaves the old one serving', async (_what, config, code) => {
    const [pool, server] = await running();
    const { url, config: before } = server;
    const events = record(pool);
    const error = await failure<ServerError>(server.setConfig(config as ServerOptions));
    expect(error.code).toBe(code);
    expect([server.url, server.config, server.state]).toEqual([url, before, 'running']);
    expect(server.isError()).toBe(false);
    expect(await text(url)).toBe('one');
    expect(events).toEqual([]);
  });

  it('on a taken port leaves the old one serving', async () => {
    const [, server] = await running();
    const { url } = server;
    const { listen } = await opened.takenPort();
    const error = await failure<ServerError>(server.setConfig({ name: 'a', listen }));
    expect(error).toMatchObject({ code: ServerErrorCode.ERR_SERVER_PORT_IN_USE, bind: listen });
    expect(await text(url)).toBe('one');
  });

  it('on an overlapping address that cannot be had leaves the old one serving', async () => {
    const [, server] = await running();
    const { port } = new URL(server.url ?? '');
    // Another address of the same port holds the wildcard off.
    const other = opened.server({ name: 'b', listen: `127.0.0.2:${port}` });
    await other.start();
    const change = server.setConfig({ name: 'a', listen: `0.0.0.0:${port}` });
    await expect(change).rejects.toMatchObject({ code: ServerErrorCode.ERR_SERVER_PORT_IN_USE });
    expect(server.state).toBe('running');
    expect(server.url).toBe(`http://127.0.0.1:${port}`);
    expect(await text(server.url)).toBe('one');
  });

  it.each([
    ['name', { name: 'b', listen: LOOPBACK }],
    ['listen', { name: 'a', listen: '0.0.0.0:7001' }],
  ])(
    'with the %s of another server of the pool leaves the old one serving',
    async (path, config) => {
      const [pool, server] = await running();
      await pool.storeNew({ name: 'b', listen: '127.0.0.1:7001' });
      const error = await failure<ServerError>(server.setConfig(config));
      expect(error.issues.map((issue) => issue.path)).toEqual([path]);
      expect(await text(server.url)).toBe('one');
    },
  );
});
