import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PoolConfig, PooledServer, type Pool, type ServerOptions } from '../../lib/index.js';
import { redirectHandler } from '../../lib/handler/redirect-handler.js';
import { tls } from '../support/certificates.js';
import { freeListen } from '../support/free-port.js';
import { Journal, LOOPBACK, says } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { protocols } from '../support/protocols.js';
import { get, RawClient } from '../support/raw-client.js';

const HTTP: ServerOptions = { name: 'http', listen: LOOPBACK, redirectTo: 'https' };
const HTTPS: ServerOptions = { name: 'https', listen: LOOPBACK, tls };
const ORIGIN = 'https://example.com';

const opened = new Opened();
afterEach(() => opened.closeAll());

async function started(servers: ServerOptions[], logger?: Journal): Promise<Pool> {
  const pool = opened.pool({ handlers: () => ({ default: says('served') }), logger });
  await pool.apply(servers);
  await pool.start();
  return pool;
}

/** Where a server of the pool sends a GET. */
async function locationOf(pool: Pool, name = 'http'): Promise<unknown> {
  const { status, headers } = await ask(`${pool.get(name)!.url}/a?b=1`);
  return status === 301 ? headers['location'] : status;
}

/** The faults of a list, as `path: message`. */
async function faultsOf(servers: ServerOptions[]): Promise<string[]> {
  const { errors } = new PoolConfig(servers).validate() ?? { errors: [] };
  const asked = await opened
    .pool()
    .apply(servers)
    .then(
      () => [],
      (error: { errors: unknown[] }) => error.errors,
    );
  expect(asked).toEqual(errors);
  return (errors as { issues: { path: string; message: string }[] }[]).flatMap(({ issues }) =>
    issues.map(({ path, message }) => `${path}: ${message}`),
  );
}

describe.each(protocols)('a server that redirects, over $name', ({ options, connect }) => {
  it('answers every request with the same path there, by its method', async () => {
    const server = opened.server({ name: 'a', listen: LOOPBACK, redirectTo: ORIGIN, ...options });
    await server.start();
    const client = await connect(server.url!);
    opened.onClose(() => client.close());
    const answers: unknown[] = [];
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'DELETE']) {
      const body = method === 'POST' ? 'a body that nobody reads' : undefined;
      const { status, headers } = await client.ask('/a%20b?c=//d', { method, body });
      answers.push([method, status, headers['location']]);
    }
    const location = `${ORIGIN}/a%20b?c=//d`;
    expect(answers).toEqual([
      ['GET', 301, location],
      ['HEAD', 301, location],
      ['POST', 308, location],
      ['PUT', 308, location],
      ['OPTIONS', 308, location],
      ['DELETE', 308, location],
    ]);
  });
});

describe('a redirect', () => {
  const asked = async (request: string): Promise<string> => {
    const server = opened.server({ name: 'a', listen: LOOPBACK, redirectTo: ORIGIN });
    await server.start();
    const client = await RawClient.connect(server.url!);
    opened.onClose(() => client.close());
    client.send(request);
    const head = await client.until('\r\n\r\n');
    return `${head.split(' ', 2)[1]} ${/^Location: (.*)\r$/m.exec(head)?.[1]}`;
  };

  it.each([
    ['another Host', get('/a').replace('localhost', 'evil.test'), '301 https://example.com/a'],
    ['a path that looks like a host', get('//evil.test/a'), '301 https://example.com//evil.test/a'],
    ['a backslash', get('/\\evil.test'), '301 https://example.com/\\evil.test'],
    ['a whole URL', get('http://evil.test/a?b'), '301 https://example.com/a?b'],
    ['a whole URL without a path', get('http://evil.test?b'), '301 https://example.com/?b'],
    ['credentials in a whole URL', get('http://a@evil.test'), '301 https://example.com/'],
    ['OPTIONS *', get('*').replace('GET', 'OPTIONS'), '308 https://example.com/'],
    [
      'a WebSocket',
      get('/a', 'Connection: Upgrade', 'Upgrade: websocket'),
      '301 https://example.com/a',
    ],
  ])('leads nowhere else for %s', async (_, request, answer) => {
    expect(await asked(request)).toBe(answer);
  });

  it('does not ask for a body that it would not read, and ends the connection', async () => {
    const server = opened.server({ name: 'a', listen: LOOPBACK, redirectTo: ORIGIN });
    await server.start();
    const client = await RawClient.connect(server.url!);
    client.send(get('/', 'Expect: 100-continue', 'Content-Length: 5').replace('GET', 'POST'));
    await client.closed;
    expect(client.received).toMatch(/^HTTP\/1.1 308 [^]*\r\nConnection: close\r\n/);
  });

  it('escapes what is no ASCII, which HTTP/2 lets pass', async () => {
    const { options, connect } = protocols.find(({ name }) => name === 'h2c')!;
    const server = opened.server({ name: 'a', listen: LOOPBACK, redirectTo: ORIGIN, ...options });
    await server.start();
    const client = await connect(server.url!);
    opened.onClose(() => client.close());
    const { headers } = await client.ask('/\xe9');
    expect(headers['location']).toBe(`${ORIGIN}/%E9`);
  });

  it.each(['@evil.test/', '.evil.test/', ':80@evil.test/', ''])(
    'is refused for the target %p, which would be part of a host',
    async (target) => {
      // Node lets none of these in; what is in front of the handler may make one.
      const { request } = redirectHandler(() => ORIGIN);
      const front: RequestListener = (asked, response) => {
        asked.url = target;
        request(asked, response);
      };
      const server = opened.server(
        { name: 'a', listen: LOOPBACK },
        { handlers: () => ({ '': front }) },
      );
      await server.start();
      const { status, headers } = await ask(server.url!);
      expect([status, headers['location']]).toEqual([400, undefined]);
    },
  );
});

describe('a server that redirects to another one of its pool', () => {
  it('leads to what that one exposes: its real port, or the URL of its config', async () => {
    const pool = await started([HTTP, HTTPS]);
    expect(await locationOf(pool)).toBe(`${pool.get('https')!.expose}/a?b=1`);
    await pool.apply([HTTP, { ...HTTPS, expose: 'https://Example.com:443/app' }]);
    expect(await locationOf(pool)).toBe(`${ORIGIN}/a?b=1`);
  });

  it('follows it when it moves, is renamed, or is replaced by one of its name', async () => {
    const pool = await started([HTTP, HTTPS]);
    const https = pool.get('https')!;
    const { port } = https.address as { port: number };
    await https.setConfig({ ...HTTPS, listen: 'localhost:0' });
    expect(https.address).not.toMatchObject({ port });
    expect(await locationOf(pool)).toBe(`${https.expose}/a?b=1`);
    await https.setConfig({ ...HTTPS, name: 'secure' });
    expect(await locationOf(pool)).toBe(`${https.expose}/a?b=1`);
    // Its own config stays right, though the name is one of the past.
    await pool.get('http')!.setConfig({ ...HTTP, maxHandlers: 5 });
    const next = await pool.storeNew({ ...HTTPS, expose: ORIGIN }, { start: true });
    expect(await locationOf(pool)).toBe(`${next.expose}/a?b=1`);
  });

  it('does not find a former name anew, once nobody redirects to it', async () => {
    const pool = await started([HTTP, HTTPS]);
    await pool.get('https')!.setConfig({ ...HTTPS, name: 'secure' });
    const http = pool.get('http')!;
    await http.setConfig({ ...HTTP, redirectTo: 'secure' });
    await expect(http.setConfig(HTTP)).rejects.toThrow('no server of the pool');
    expect(await locationOf(pool)).toBe(`${pool.get('secure')!.expose}/a?b=1`);
  });

  it('is turned on and off without a new socket', async () => {
    const pool = await started([{ ...HTTP, redirectTo: undefined }, HTTPS]);
    const http = pool.get('http')!;
    const { url } = http;
    expect(await locationOf(pool)).toBe(200);
    expect((await pool.apply([HTTP, HTTPS])).live).toEqual(['http']);
    expect(await locationOf(pool)).toBe(`${pool.get('https')!.expose}/a?b=1`);
    await http.setConfig({ ...HTTP, redirectTo: 'HTTPS://example.com:443/' });
    expect(await locationOf(pool)).toBe(`${ORIGIN}/a?b=1`);
    expect((await pool.apply([{ ...HTTP, redirectTo: ORIGIN }, HTTPS])).keep).toContain('http');
    await http.setConfig({ name: 'http', listen: LOOPBACK });
    expect([await locationOf(pool), http.url]).toEqual([200, url]);
  });

  it('answers 503 and says so once while there is none, or it is disabled', async () => {
    const logger = new Journal();
    const target = { ...HTTPS, listen: 'localhost:0' };
    const pool = await started([HTTP, target], logger);
    await pool.get('https')!.setConfig({ ...target, disabled: true });
    expect([await locationOf(pool), await locationOf(pool)]).toEqual([503, 503]);
    await pool.delete('localhost:0');
    expect([await locationOf(pool), await locationOf(pool)]).toEqual([503, 503]);
    expect(logger.matching(/answered 503/)).toEqual([
      expect.stringMatching(/^warn http .*'https', which it redirects to, is disabled$/),
      expect.stringMatching(/^warn http .*'https', which it redirects to, is not in the pool$/),
    ]);
    await pool.storeNew({ ...HTTPS, expose: ORIGIN });
    expect(await locationOf(pool)).toBe(`${ORIGIN}/a?b=1`);
  });

  it('does the same in a clone, beside that one of its own pool', async () => {
    const pool = await started([HTTP, HTTPS]);
    const copy = opened.addPool(pool.clone());
    await copy.start();
    expect(await locationOf(copy)).toBe(`${copy.get('https')!.expose}/a?b=1`);
    expect(copy.get('https')!.expose).not.toBe(pool.get('https')!.expose);
  });

  it('comes by a merge with the one that it leads to, and not without it', async () => {
    const pool = await started([]);
    const other = await started([
      { ...HTTP, listen: 'localhost:0' },
      { ...HTTPS, expose: ORIGIN },
    ]);
    const [http, https] = other;
    other.loadAndDelete(https!.bind);
    await expect(pool.merge(other)).rejects.toThrow("got 'https', which is no server of the pool");
    await other.store(https!);
    await pool.merge(other);
    expect([...pool]).toEqual([http, https]);
    expect(await locationOf(pool)).toBe(`${ORIGIN}/a?b=1`);
  });

  it('may be outside the view that a list is applied to', async () => {
    const pool = await started([HTTP, HTTPS]);
    const view = pool.filter('name', 'http');
    expect((await view.apply([{ ...HTTP, maxHandlers: 5 }])).live).toEqual(['http']);
    expect(await locationOf(pool)).toBe(`${pool.get('https')!.expose}/a?b=1`);
  });

  it('is healthy by a path, for a redirect is an answer', async () => {
    const pool = await started([{ ...HTTP, monitor: { path: '/live' } }, HTTPS]);
    await expect(pool.get('http')!.healthCheck()).resolves.toBeUndefined();
  });
});

describe('a redirect at fault', () => {
  it.each([
    ['https://example.com/app', 'without a path'],
    ['https://example.com?a', 'without a path'],
    ['https://user:secret@example.com', 'without a path'],
    ['ftp://example.com', 'an http or https origin'],
    ['https://exa mple.com', 'an http or https origin'],
    ['https://example.com\\@evil.test', 'an http or https origin'],
    ['', 'give the name of another server'],
    [80, 'give the name of another server'],
    ['http', 'which is this server itself'],
    ['http://www.example.com', 'which is this server itself'],
    ['nobody', "which is no server of the pool: the servers are 'http', 'https'"],
    ['example.com:443', 'which is no server of the pool'],
  ])('is refused: %p', async (redirectTo, message) => {
    const http = { ...HTTP, expose: 'http://www.example.com', redirectTo } as ServerOptions;
    const faults = await faultsOf([http, HTTPS]);
    expect(faults).toEqual([expect.stringMatching(/^servers\[0\]\.redirectTo: got /)]);
    expect(faults[0]).toContain(message);
    expect(faults[0]).not.toContain('secret');
  });

  it('excludes a handler, and is told with all other faults', async () => {
    const faults = await faultsOf([
      { ...HTTP, handlerKey: 'api', maxHandlers: -1 },
      { ...HTTPS, redirectTo: 'nobody', listen: '127.0.0.1:1' },
    ]);
    expect(faults.map((fault) => fault.split(':', 1)[0])).toEqual([
      'servers[0].maxHandlers',
      'servers[0].redirectTo',
      'servers[1].redirectTo',
    ]);
    expect(faults.join()).toContain('leave it out, or `handlerKey`');
  });

  it('is a circle, or leads to a socket that has no URL', async () => {
    const to = (name: string, redirectTo?: string): ServerOptions => {
      return { name, listen: LOOPBACK, redirectTo };
    };
    expect(
      await faultsOf([to('a', 'b'), to('b', 'c'), to('c', 'b'), to('d', 'e'), to('e')]),
    ).toEqual([
      "servers[1].redirectTo: 'b' -> 'c' -> 'b' is a circle: give one of them an origin, or a handler",
      "servers[2].redirectTo: 'c' -> 'b' -> 'c' is a circle: give one of them an origin, or a handler",
    ]);
    const [fault] = await faultsOf([to('a', 'b'), { name: 'b', listen: 'unix:/tmp/b.sock' }]);
    expect(fault).toMatch(/^servers\[0\].redirectTo: got 'b', which listens on 'unix:.*`expose`$/);
  });

  it('is refused of one server by storeNew and setConfig, and leaves all as it was', async () => {
    const pool = await started([HTTP, HTTPS]);
    await expect(pool.storeNew({ ...HTTP, name: 'b', redirectTo: 'x' })).rejects.toMatchObject({
      issues: [{ path: 'redirectTo', message: expect.stringContaining('no server of the pool') }],
    });
    const circle = pool.get('https')!.setConfig({ ...HTTPS, redirectTo: 'http' });
    await expect(circle).rejects.toThrow("'https' -> 'http' -> 'https' is a circle");
    // The list is the whole of the pool: what it leaves out is gone.
    await expect(pool.apply([HTTP])).rejects.toThrow("got 'https', which is no server");
    expect([pool.len(), await locationOf(pool)]).toEqual([2, `${pool.get('https')!.expose}/a?b=1`]);
  });

  it.each([
    ['that stands', false],
    ['that runs', true],
  ])('leads to the very server that it would replace, one %s', async (_how, start) => {
    const pool = opened.pool({ handlers: () => ({ default: says('served') }) });
    const listen = await freeListen();
    await pool.storeNew({ name: 'a', listen }, { start });
    const server = PooledServer.create({ name: 'http', listen, redirectTo: ORIGIN });
    await expect(pool.storeNew({ name: 'http', listen, redirectTo: 'a' })).rejects.toMatchObject({
      issues: [{ path: 'redirectTo', message: expect.stringContaining("got 'a', which is no") }],
    });
    expect([...pool].map(({ name }) => name)).toEqual(['a']);
    // One of the same name, or one that leads elsewhere, may.
    await pool.store(server);
    await pool.storeNew({ name: 'b', listen: LOOPBACK, redirectTo: 'http' });
    await pool.storeNew({ name: 'http', listen });
    expect([...pool].map(({ name }) => name)).toEqual(['http', 'b']);
  });

  it('is a name of a server that is in no pool', () => {
    expect(() => PooledServer.create(HTTP)).toThrow('a server in no pool knows no other one');
    expect(PooledServer.create({ ...HTTP, redirectTo: ORIGIN }).config.redirectTo).toBe(ORIGIN);
  });
});
