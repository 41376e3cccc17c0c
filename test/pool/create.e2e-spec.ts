import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Pool,
  PooledServer,
  PoolError,
  PoolErrorCode,
  ServerError,
  ServerErrorCode,
  type ServerOptions,
} from '../../lib/index.js';
import { failure, record, thrown } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

describe('creating a pool', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('is empty without servers', () => {
    for (const pool of [new Pool(), new Pool({}), new Pool({ servers: [] })]) {
      expect(pool.len()).toBe(0);
      expect([...pool]).toEqual([]);
      expect(pool.isRunning()).toBe(false);
    }
  });

  it('holds the servers it is given, stopped and in their order', () => {
    const servers = ['a', 'b', 'c'].map((name) => PooledServer.create({ name, listen: LOOPBACK }));
    const pool = opened.pool({ servers });
    expect([...pool]).toEqual(servers);
    expect(servers.map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
  });

  it('skips servers that are null or undefined', () => {
    const server = PooledServer.create({ name: 'only', listen: LOOPBACK });
    expect([...opened.pool({ servers: [null, server, undefined] })]).toEqual([server]);
  });

  it('refuses what is no server, and names every one that cannot be added', () => {
    const servers = [
      PooledServer.create({ name: 'a', listen: '127.0.0.1:7001' }),
      PooledServer.create({ name: 'a', listen: '127.0.0.1:7002' }),
      PooledServer.create({ name: 'c', listen: ':7001' }),
      {} as PooledServer,
    ];
    const error = thrown<PoolError>(() => new Pool({ servers }));
    expect(error).toBeInstanceOf(PoolError);
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_ADD);
    expect(error.errors.map(({ code, server }) => [code, server])).toEqual([
      [ServerErrorCode.ERR_SERVER_VALIDATE, 'a'],
      [ServerErrorCode.ERR_SERVER_VALIDATE, 'c'],
      [ServerErrorCode.ERR_SERVER_INVALID_INSTANCE, undefined],
    ]);
    expect(error.message).toContain("'a' is already the name of another server");
    expect(error.message).toContain('[::]:7001 overlaps 127.0.0.1:7001');
  });
});

describe('creating a server', () => {
  it('is stopped, not bound, and shows its config frozen', () => {
    const options = { name: 'web', listen: ':8080', monitor: { data: { team: 'a' } } };
    const server = PooledServer.create(options);
    expect(server).toMatchObject({ name: 'web', bind: '[::]:8080', state: 'stopped' });
    expect(server).toMatchObject({ address: undefined, url: undefined, disabled: false });
    expect(server.uptime()).toBe(0);
    expect(server.isError()).toBe(false);
    expect(server.config).toMatchObject(options);
    expect(Object.isFrozen(server.config)).toBe(true);
    expect(Object.isFrozen(options)).toBe(false);
  });

  it('has an exposed URL from its bind address and TLS unless the config names one', () => {
    const expose = (options: Partial<ServerOptions>): string =>
      PooledServer.create({ name: 'web', listen: '127.0.0.1:8080', ...options }).expose;
    expect(expose({})).toBe('http://127.0.0.1:8080');
    expect(expose({ listen: ':8080' })).toBe('http://localhost:8080');
    expect(expose({ listen: '[::1]:8080' })).toBe('http://[::1]:8080');
    expect(expose({ listen: 'unix:/run/web.sock' })).toBe('unix:/run/web.sock');
    expect(expose({ expose: 'https://api.test/v1' })).toBe('https://api.test/v1');
    expect(expose({ expose: 'https://api.test/' })).toBe('https://api.test');
  });

  it.each([undefined, null])('refuses %s as options', (options) => {
    const error = thrown<ServerError>(() => PooledServer.create(options as never));
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_PARAM_EMPTY);
  });

  it('refuses a handlerKey that its handlers lack, and names those they have', () => {
    const handlers = () => ({ default: () => undefined, api: () => undefined });
    const options = { name: 'web', listen: LOOPBACK, handlerKey: 'admin' };
    const error = thrown<ServerError>(() => PooledServer.create(options, { handlers }));
    expect(error.issues).toEqual([
      {
        path: 'handlerKey',
        message: "'admin' is no key of the handlers, give one of 'default', 'api'",
      },
    ]);
  });

  it('shows no key material in its JSON or when it is inspected', async () => {
    const { tls, localhost } = await import('../support/certificates.js');
    const server = PooledServer.create({ name: 'web', listen: LOOPBACK, tls });
    const { inspect } = await import('node:util');
    for (const shown of [JSON.stringify(server), inspect(server)]) {
      expect(shown).toContain('web');
      expect(shown).not.toContain(localhost.key.split('\n')[1]);
    }
  });
});

describe('adding a new server', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('validates, creates and adds, and starts only when asked', async () => {
    const pool = opened.pool();
    const a = await pool.storeNew({ name: 'a', listen: LOOPBACK });
    const b = await pool.storeNew({ name: 'b', listen: LOOPBACK }, { start: true });
    expect([a.state, b.state]).toEqual(['stopped', 'running']);
    expect([...pool]).toEqual([a, b]);
  });

  it('is refused with every fault, and the pool is as before', async () => {
    const pool = opened.pool();
    const events = record(pool);
    const options = { name: '', listen: '127.0.0.1:70000', maxHandlers: 1.5, colour: 'red' };
    const error = await failure<ServerError>(pool.storeNew(options as ServerOptions));
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_VALIDATE);
    const paths = error.issues.map(({ path }) => path);
    expect(paths.sort()).toEqual(['colour', 'listen', 'maxHandlers', 'name']);
    expect(pool.len()).toBe(0);
    expect(events).toEqual([]);
  });

  it.each([
    ['a name in use', { name: 'a', listen: '127.0.0.1:7003' }, 'name'],
    ['an overlapping address', { name: 'b', listen: '0.0.0.0:7001' }, 'listen'],
  ])('is refused for %s, and the pool is as before', async (_what, options, path) => {
    const pool = opened.pool();
    const a = await pool.storeNew({ name: 'a', listen: '127.0.0.1:7001' });
    const error = await failure<ServerError>(pool.storeNew(options));
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_VALIDATE);
    expect(error.issues.map((issue) => issue.path)).toEqual([path]);
    expect([...pool]).toEqual([a]);
  });

  it('leaves the pool as before when the new server cannot start', async () => {
    const pool = opened.pool();
    const { listen } = await opened.takenPort();
    const error = await failure<ServerError>(pool.storeNew({ name: 'a', listen }, { start: true }));
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_PORT_IN_USE);
    expect(pool.len()).toBe(0);
    expect(pool.get('a')).toBeUndefined();
  });

  it('puts the replaced server back when the new one cannot start', async () => {
    const pool = opened.pool();
    const { listen } = await opened.takenPort();
    const old = await pool.storeNew({ name: 'old', listen });
    await failure(pool.storeNew({ name: 'new', listen }, { start: true }));
    expect([...pool]).toEqual([old]);
    expect(pool.get('new')).toBeUndefined();
    expect(pool.load(listen)).toBe(old);
  });

  it.each([undefined, null])('refuses to store %s', async (server) => {
    const error = await failure<ServerError>(opened.pool().store(server as never));
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_PARAM_EMPTY);
  });

  it('lets several port-0 servers share a host', async () => {
    const pool = opened.pool();
    await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    await pool.storeNew({ name: 'b', listen: LOOPBACK }, { start: true });
    expect(pool.len()).toBe(2);
    expect(pool.get('a')?.url).not.toBe(pool.get('b')?.url);
  });
});
