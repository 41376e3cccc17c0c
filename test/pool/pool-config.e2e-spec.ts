import { afterEach, describe, expect, it } from '@jest/globals';
import { PoolConfig, PoolErrorCode, type ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { waitFor } from '../support/events.js';
import { Journal, LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const valid = (name: string): ServerOptions => ({ name, listen: LOOPBACK });
const invalid = (name: string): ServerOptions => ({ name, listen: 'nowhere' });

describe('PoolConfig', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('finds no fault when all configs are valid, nor in an empty list', () => {
    expect(new PoolConfig([valid('a'), valid('b')]).validate()).toBeUndefined();
    expect(new PoolConfig([]).validate()).toBeUndefined();
    expect(new PoolConfig().validate()).toBeUndefined();
  });

  it('names every config when none is valid', () => {
    const error = new PoolConfig([invalid('a'), invalid('b')]).validate();
    expect(error?.code).toBe(PoolErrorCode.ERR_POOL_VALIDATE);
    expect(error?.errors.map(({ server }) => server)).toEqual(['a', 'b']);
  });

  it('names the faulty ones, with their key paths, when some are valid', () => {
    const error = new PoolConfig([valid('a'), invalid('b'), valid('c')]).validate();
    expect(error?.errors.map(({ server }) => server)).toEqual(['b']);
    expect(error?.errors[0]?.issues.map(({ path }) => path)).toEqual(['servers[1].listen']);
  });

  it('makes a pool of the valid configs and reports the others', async () => {
    const config = new PoolConfig([valid('a'), invalid('b'), valid('c')]);
    const { pool, error } = config.pool();
    opened.addPool(pool);
    expect([...pool].map(({ name }) => name)).toEqual(['a', 'c']);
    expect(error?.code).toBe(PoolErrorCode.ERR_POOL_ADD);
    expect(error?.errors.map(({ server }) => server)).toEqual(['b']);
    await pool.start();
    expect([...pool].map(({ state }) => state)).toEqual(['running', 'running']);
  });

  it('makes a pool without an error when all are valid, and an empty one when none is', () => {
    const good = new PoolConfig([valid('a')]).pool();
    expect(good.error).toBeUndefined();
    expect(good.pool.len()).toBe(1);
    const bad = new PoolConfig([invalid('a')]).pool();
    expect(bad.error?.errors).toHaveLength(1);
    expect(bad.pool.len()).toBe(0);
  });

  it('walks its configs in order until the visitor returns false', () => {
    const config = new PoolConfig([valid('a'), valid('b'), valid('c')]);
    const names: string[] = [];
    expect(config.walk(({ name }) => void names.push(name))).toBe(config);
    config.walk(({ name }) => {
      names.push(name);
      return name !== 'b';
    });
    expect(names).toEqual(['a', 'b', 'c', 'a', 'b']);
    expect(config).toHaveLength(3);
    expect([...config]).toEqual([valid('a'), valid('b'), valid('c')]);
  });

  it('walks nothing with no visitor, and over what is no list', () => {
    expect(() => new PoolConfig([valid('a')]).walk(undefined as never)).not.toThrow();
    expect([...new PoolConfig({} as never)]).toEqual([]);
  });

  it('never changes its input', () => {
    const list = Object.freeze([Object.freeze({ ...valid('a'), handlerKey: 'default' })]);
    const { pool } = new PoolConfig(list).pool();
    expect(pool.len()).toBe(1);
    expect(list).toEqual([{ ...valid('a'), handlerKey: 'default' }]);
  });

  it('serves from the handlers set, or from those given to pool()', async () => {
    const config = new PoolConfig([valid('a')]).setHandlerFunc(() => ({ default: says('set') }));
    const set = opened.addPool(config.pool().pool);
    const passed = opened.addPool(config.pool({ handler: () => ({ '': says('given') }) }).pool);
    await Promise.all([set.start(), passed.start()]);
    expect(await text(set.get('a')?.url)).toBe('set');
    expect(await text(passed.get('a')?.url)).toBe('given');
  });

  it('finds a handlerKey that the handlers lack', () => {
    const config = new PoolConfig([{ ...valid('a'), handlerKey: 'api' }]);
    expect(config.validate()).toBeUndefined();
    config.setHandlerFunc(() => ({ default: says('hello') }));
    expect(config.validate()?.errors[0]?.issues[0]?.path).toBe('servers[0].handlerKey');
    expect(config.setHandlerFunc(undefined).validate()).toBeUndefined();
  });

  it('passes the default TLS on to servers that inherit it', async () => {
    const config = new PoolConfig([{ ...valid('a'), tls: { inheritDefault: true } }]);
    const pool = opened.addPool(config.setDefaultTls(tls).pool().pool);
    pool.handler(() => ({ default: says('secure') }));
    await pool.start();
    expect(pool.get('a')?.tls).toBe(true);
    expect(await text(pool.get('a')?.url)).toBe('secure');
  });

  it.each(['setContext', 'pool({ signal })'])(
    'stops the pool when the signal of %s aborts',
    async (by) => {
      const controller = new AbortController();
      const { signal } = controller;
      const config = new PoolConfig([valid('a')]);
      const { pool } =
        by === 'setContext' ? config.setContext(signal).pool() : config.pool({ signal });
      opened.addPool(pool);
      await pool.start();
      const stopped = waitFor(pool, ({ state }) => state === 'stopped');
      controller.abort();
      await stopped;
      expect(pool.isRunning()).toBe(false);
    },
  );

  it('logs where it is told to', async () => {
    const logger = new Journal();
    const { pool } = new PoolConfig([valid('a')]).pool({ logger });
    await opened.addPool(pool).start();
    expect(logger.matching(/a \(127\.0\.0\.1:\d+\): running on http/)).toHaveLength(1);
  });
});
