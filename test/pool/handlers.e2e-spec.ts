import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type Pool,
  PooledServer,
  PoolError,
  ServerErrorCode,
  type ServerError,
} from '../../lib/index.js';
import { failure, thrown } from '../support/events.js';
import { freePort } from '../support/free-port.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { ask, keepAlive, text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const handlers = () => ({ default: says('default'), users: says('users'), orders: says('orders') });

describe('the handlers of a pool', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('are picked by the handlerKey of each server', async () => {
    const pool = opened.pool({ handlers });
    for (const handlerKey of ['users', 'orders', 'default', '', undefined]) {
      await pool.storeNew({ name: `key ${handlerKey}`, listen: LOOPBACK, handlerKey });
    }
    await pool.start();
    const answers = await Promise.all([...pool].map(({ url }) => text(url)));
    expect(answers).toEqual(['users', 'orders', 'default', 'default', 'default']);
  });

  it('are replaced at run time: effective for the next request, without a rebind', async () => {
    const pool = opened.pool({ handlers });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const agent = keepAlive();
    opened.onClose(() => agent.destroy());
    const url = server.url ?? '';
    expect((await ask(url, { agent })).body).toBe('default');
    const uptime = server.uptime();
    pool.handler(() => ({ default: says('replaced') }));
    const answer = await ask(url, { agent });
    expect(answer.body).toBe('replaced');
    expect(answer.headers.connection).toBe('keep-alive');
    expect(server.url).toBe(url);
    expect(server.uptime()).toBeGreaterThanOrEqual(uptime);
  });

  it('answer 500 where the key is missing after a replacement, and the process lives', async () => {
    const pool = opened.pool({ handlers });
    const options = { name: 'a', listen: LOOPBACK, handlerKey: 'users' };
    const server = await pool.storeNew(options, { start: true });
    pool.handler(() => ({ default: says('default') }));
    expect((await ask(server.url ?? '')).status).toBe(500);
    pool.handler(handlers);
    expect(await text(server.url)).toBe('users');
    pool.handler(undefined);
    expect((await ask(server.url ?? '')).status).toBe(500);
  });

  it('answer 500 where there are none at all', async () => {
    const pool = opened.pool();
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    expect((await ask(server.url ?? '')).status).toBe(500);
  });

  it('refuse a server whose handlerKey they lack', async () => {
    const pool = opened.pool({ handlers });
    const options = { name: 'a', listen: LOOPBACK, handlerKey: 'payments' };
    const error = await failure<ServerError>(pool.storeNew(options));
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_VALIDATE);
    expect(error.issues[0]).toMatchObject({ path: 'handlerKey' });
    expect(error.message).toContain("give one of 'default', 'users', 'orders'");
    expect(pool.len()).toBe(0);
  });

  it('refuse a change to a handlerKey that they lack', async () => {
    const pool = opened.pool({ handlers });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const change = server.setConfig({ name: 'a', listen: LOOPBACK, handlerKey: 'payments' });
    await expect(change).rejects.toMatchObject({ code: ServerErrorCode.ERR_SERVER_VALIDATE });
    expect(await text(server.url)).toBe('default');
  });

  it('serve a server made elsewhere that has none of its own', async () => {
    const pool = opened.pool({ handlers });
    const server = PooledServer.create({ name: 'a', listen: LOOPBACK, handlerKey: 'users' });
    await pool.store(server);
    await pool.start();
    expect(await text(server.url)).toBe('users');
  });

  it('give way to the own handlers of a server', async () => {
    const pool = opened.pool({ handlers });
    const own = PooledServer.create(
      { name: 'a', listen: LOOPBACK },
      { handlers: () => ({ default: says('own') }) },
    );
    await pool.store(own);
    await pool.start();
    expect(await text(own.url)).toBe('own');
    pool.handler(() => ({ default: says('pool') }));
    expect(await text(own.url)).toBe('own');
    own.handler(undefined);
    expect(await text(own.url)).toBe('pool');
  });

  const ways: [string, (pool: Pool) => Promise<unknown>][] = [
    ['loadAndDelete', async (pool) => pool.loadAndDelete(LOOPBACK)],
    ['delete', (pool) => pool.delete(LOOPBACK)],
    ['clean', (pool) => pool.clean()],
    ['clean of a view', (pool) => pool.filter('name', 'a').clean()],
    ['an apply without it', (pool) => pool.apply([])],
  ];

  it.each(ways)(
    'stay with a server that leaves by %s, whatever the pool gets',
    async (_way, leave) => {
      const pool = opened.pool({ handlers: () => ({ default: says('first') }) });
      const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
      opened.onClose(() => server.stop());
      await leave(pool);
      pool.handler(() => ({ default: says('second') }));
      await server.restart();
      expect(await text(server.url)).toBe('first');
      pool.handler(undefined);
      await server.setConfig({ name: 'a', listen: LOOPBACK, readTimeout: '9s' });
      await server.stop();
      await server.start();
      expect(await text(server.url)).toBe('first');
      pool.handler(() => ({ default: says('third') }));
      await pool.store(server);
      expect(await text(server.url)).toBe('third');
    },
  );

  it('stay with a server whose place another one takes', async () => {
    const pool = opened.pool({ handlers: () => ({ default: says('first') }) });
    const listen = `127.0.0.1:${await freePort()}`;
    const former = await pool.storeNew({ name: 'a', listen }, { start: true });
    opened.onClose(() => former.stop());
    const next = await pool.storeNew({ name: 'b', listen }, { start: true });
    pool.handler(() => ({ default: says('second') }));
    await former.stop();
    await former.setConfig({ name: 'a', listen: LOOPBACK });
    await former.start();
    expect(await text(former.url)).toBe('first');
    expect(await text(next.url)).toBe('second');
  });

  it('are those of the pool again for a server that comes back to it with none of its own', async () => {
    const pool = opened.pool();
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    pool.loadAndDelete(LOOPBACK);
    pool.handler(() => ({ default: says('pool') }));
    await server.restart();
    expect(server.handlerHas('')).toBe(false);
    await pool.store(server);
    expect(await text(server.url)).toBe('pool');
  });

  it('are asked for once, when they are set, and again when they are set again', async () => {
    let version = 1;
    const source = () => ({ default: says(`version ${version}`) });
    const pool = opened.pool({ handlers: source });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    version = 2;
    await server.restart();
    expect(await text(server.url)).toBe('version 1');
    pool.handler(source);
    expect(await text(server.url)).toBe('version 2');
  });

  it.each([
    ['returns no object', () => null, 'must return an object'],
    ['returns what is no listener', () => ({ api: 'text' }), "handlers['api']"],
  ])('are refused when their source %s', (_what, source, message) => {
    const error = thrown(() => opened.pool({ handlers: source as never }));
    expect(error).toBeInstanceOf(PoolError);
    expect(error.message).toContain(message);
  });

  it('stay as they are when the source of a replacement fails', async () => {
    const pool = opened.pool({ handlers });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const failing = (): never => {
      throw new Error('no handlers today');
    };
    expect(() => pool.handler(failing)).toThrow('no handlers today');
    expect(await text(server.url)).toBe('default');
  });
});

describe('the handlers of a server', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('can be asked for', () => {
    const users: RequestListener = says('users');
    const server = PooledServer.create(
      { name: 'a', listen: LOOPBACK, handlerKey: 'users' },
      { handlers: () => ({ default: says('default'), users }) },
    );
    expect(server.handlerKey()).toBe('users');
    expect(server.handlerGet('users')).toBe(users);
    expect(server.handlerHas('users')).toBe(true);
    expect(server.handlerHas('')).toBe(true);
    expect(server.handlerHas('default')).toBe(true);
    expect(server.handlerHas('orders')).toBe(false);
    expect(server.handlerGet('orders')).toBeUndefined();
  });

  it.each([undefined, '', 'default'])("has the key '' for %p", (handlerKey) => {
    expect(PooledServer.create({ name: 'a', listen: LOOPBACK, handlerKey }).handlerKey()).toBe('');
  });

  it('are replaced at run time', async () => {
    const server = opened.server({ name: 'a', listen: LOOPBACK }, { handlers });
    await server.start();
    server.handler(() => ({ default: says('replaced') }));
    expect(await text(server.url)).toBe('replaced');
  });
});
