import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  PoolErrorCode,
  type Pool,
  PooledServer,
  type PoolError,
  type ServerOptions,
  type TlsOptions,
} from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { failure, gate, waitFor } from '../support/events.js';
import { freeListen } from '../support/free-port.js';
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

  /** Is well when it is looked at for the first times, then ill. */
  const wellFor = (looks: number) => {
    const seen = gate();
    let left = looks;
    const handler = (_request: unknown, response: ServerResponse): void => {
      seen.open();
      response.statusCode = left > 0 ? 200 : 500;
      left -= 1;
      response.end();
    };
    return { seen: seen.opened, handler };
  };

  it('lasts as long as it is told, and finds who falls ill meanwhile', async () => {
    const pool = await started(on('a'), on('b'));
    const { handler } = wellFor(2);
    pool.handler(() => ({ default: says('well'), late: handler, ill }));
    const list = [on('a', { handlerKey: 'late' }), on('b', { handlerKey: 'ill' })];
    const began = performance.now();
    await pool.apply([on('a', { maxHandlers: 9 }), on('b')], { probation: 40 });
    expect(performance.now() - began).toBeGreaterThan(38);
    const one = await failure<PoolError>(pool.apply([list[0]!, on('b')], { probation: 200 }));
    expect(one.errors.map(({ server }) => server)).toEqual(['a']);
    const both = await failure<PoolError>(pool.apply(list, { probation: '1h' }));
    expect(both.message).toContain('2 servers did not stay healthy');
    expect(await text(pool.get('a')?.url)).toBe('well');
  });

  it.each<[string, (pool: Pool, server: PooledServer) => Promise<unknown>]>([
    ['stopped', (_pool, server) => server.stop()],
    ['deleted', (pool, server) => pool.delete(server.url!.replace('http://', ''))],
  ])('looks no more at a server that is %s meanwhile', async (_what, leave) => {
    const { seen, handler } = wellFor(1);
    const pool = opened.pool({ handlers: () => ({ default: says('well'), late: handler }) });
    await pool.apply([on('a')]);
    await pool.start();
    const list = [on('a', { handlerKey: 'late' })];
    const applied = pool.apply(list, { probation: 200 });
    await seen;
    await leave(pool, pool.get('a')!);
    expect((await applied).live).toEqual(['a']);
  });

  it('has another server that takes the place of one meanwhile, which comes after it', async () => {
    const listen = await freeListen();
    const [asked, answer] = [gate(), gate<TlsOptions>()];
    const isIll = gate();
    const pool = opened.pool({
      handlers: () => ({
        default: says('well'),
        late: async (request, response) => {
          await isIll.opened;
          ill(request, response);
        },
      }),
    });
    const a = await pool.storeNew(on('a', { listen }), { start: true });
    const held = jest.spyOn(a, 'hold');
    const changed = waitFor(pool, ({ type }) => type === 'config');
    const applied = failure<PoolError>(
      pool.apply([on('a', { listen, handlerKey: 'late' })], { probation: '1h' }),
    );
    await changed;
    const askFor = () => {
      asked.open();
      return answer.opened;
    };
    const options = { name: 'b', listen, tls: { inheritDefault: true } };
    const b = opened.addServer(PooledServer.create(options, { tls: askFor }));
    const stored = pool.store(b);
    await asked.opened;
    isIll.open();
    // By the list, by what comes to its place, and by the way back, which waits for that.
    while (held.mock.calls.length < 3) await new Promise(setImmediate);
    answer.open(tls);
    expect((await applied).message).toMatch(/^The pool is as before, 1 server/);
    await stored;
    expect([...pool].map(({ name, state }) => `${name} ${state}`)).toEqual(['b running']);
    expect([a.state, await text(b.url, { servername: 'localhost' })]).toEqual(['stopped', 'well']);
  });

  it('is not about the servers that the list leaves as they are', async () => {
    const pool = await started(on('a'), on('b', { handlerKey: 'ill' }));
    const list = [on('a', { maxHandlers: 9 }), on('b', { handlerKey: 'ill' })];
    expect(await pool.apply(list, { probation: 20 })).toMatchObject({ live: ['a'], keep: ['b'] });
  });

  it('ends with a stop of the pool', async () => {
    const pool = await started(on('a'));
    const applied = pool.apply([on('a', { maxHandlers: 9 })], { probation: '1h' });
    await pool.stop();
    await applied.catch(() => undefined);
    expect(pool.get('a')?.state).toBe('stopped');
  });

  it.each<[string, (pool: Pool, controller: AbortController) => unknown]>([
    ['a stop of the pool', (pool) => pool.stop({ timeout: '1h' })],
    ['a clean', (pool) => pool.clean()],
    ['its signal', (_pool, controller) => controller.abort()],
    ['who takes the server out', (pool) => takeOut(pool)],
  ])('lets %s wait for no check that is not answered', async (_what, call) => {
    const [asked, controller] = [gate(), new AbortController()];
    const pool = opened.pool({
      handlers: () => ({ default: says('well'), silent: () => asked.open() }),
      signal: controller.signal,
    });
    const shutdown = { timeout: '1h' };
    const [a, b] = [on('a', { shutdown }), on('b', { shutdown })];
    await pool.apply([a, b]);
    await pool.start();
    const monitor = { path: '/', checkTimeout: '1h' };
    const list = [{ ...a, handlerKey: 'silent', monitor }, b];
    const applied = pool.apply(list, { probation: 20 });
    await asked.opened;
    await call(pool, controller);
    await applied;
    await pool.stop();
    expect([...pool].filter(({ state }) => state !== 'stopped')).toEqual([]);
  });

  it('makes Node warn of no leak where many servers are on it', async () => {
    const script = new URL('children/many-on-probation.mjs', import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    expect(stdout).toBe('12 running\n');
  });

  const takeOut = (pool: Pool): void => {
    const { host } = new URL(pool.get('a')?.url ?? '');
    opened.addServer(pool.loadAndDelete(host) as PooledServer);
  };

  it('is refused when it is no duration', async () => {
    const pool = await started(on('a'));
    const error = await failure<PoolError>(pool.apply([on('a')], { probation: 'soon' }));
    expect([error.code, error.message]).toEqual([
      PoolErrorCode.ERR_POOL_VALIDATE,
      expect.stringContaining('probation'),
    ]);
  });
});
