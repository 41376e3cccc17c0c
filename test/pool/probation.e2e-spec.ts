import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PoolErrorCode, type Pool, type PoolError, type ServerOptions } from '../../lib/index.js';
import { failure } from '../support/events.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

describe('apply with a probation', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const ill = (_request: unknown, response: ServerResponse): void => {
    response.statusCode = 500;
    response.end();
  };
  const on = (name: string, more: Partial<ServerOptions> = {}): ServerOptions => {
    return { name, listen: LOOPBACK, monitor: { path: '/' }, ...more };
  };
  const started = async (...list: ServerOptions[]): Promise<Pool> => {
    const pool = opened.pool({ handlers: () => ({ default: says('well'), ill }) });
    await pool.apply(list);
    await pool.start();
    return pool;
  };

  it('keeps a list whose servers stay healthy', async () => {
    const pool = await started(on('a'));
    const plan = await pool.apply([on('a', { maxHandlers: 9 }), on('b')], { probation: 40 });
    expect(plan).toMatchObject({ live: ['a'], add: ['b'] });
    expect([...pool].map(({ name, state }) => `${name} ${state}`)).toEqual([
      'a running',
      'b running',
    ]);
  });

  it('puts the list before in force again, and names what was unhealthy', async () => {
    const pool = await started(on('a'), on('b'), on('c'));
    const [a, b, c] = [...pool];
    const { url } = a!;
    const list = [on('a', { handlerKey: 'ill' }), on('c'), on('new')];
    const error = await failure<PoolError>(pool.apply(list, { probation: '10s' }));
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_VALIDATE);
    expect(error.errors.map(({ server }) => server)).toEqual(['a']);
    expect(error.message).toMatch(/^The pool is as before, 1 server did not stay healthy/);
    expect(new Set(pool)).toEqual(new Set([a, b, c]));
    expect([...pool].map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    expect([a?.url, await text(url)]).toEqual([url, 'well']);
    expect(await text(b?.url)).toBe('well');
    expect((await pool.apply([on('a'), on('b'), on('c')])).keep).toEqual(['a', 'b', 'c']);
  });

  it('ends with a stop of the pool', async () => {
    const pool = await started(on('a'));
    const applied = pool.apply([on('a', { maxHandlers: 9 })], { probation: '1h' });
    await pool.stop();
    await applied.catch(() => undefined);
    expect(pool.get('a')?.state).toBe('stopped');
  });

  it('is refused when it is no duration', async () => {
    const pool = await started(on('a'));
    const error = await failure<PoolError>(pool.apply([on('a')], { probation: 'soon' }));
    expect([error.code, error.message]).toEqual([
      PoolErrorCode.ERR_POOL_VALIDATE,
      expect.stringContaining('probation'),
    ]);
  });
});
