import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pool, PoolError, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { failure, gate } from '../support/events.js';
import { says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { get, on, states } from './support/running-pools.js';

describe('a list that fails in its probation, and a default TLS that never answers then', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const b = on('b', { tls: { inheritDefault: true } });
  const ill = on('a', { handlerKey: 'ill', monitor: { path: '/' } });

  const lists: readonly [string, ServerOptions[]][] = [
    ['removes', [ill]],
    ['changes', [ill, { ...b, maxHandlers: 9 }]],
    ['moves', [ill, { ...b, listen: '127.0.0.2:0' }]],
  ];

  /** Resolves when the list is to be taken back, which waits for the default TLS. */
  const goingBack = async (list: readonly ServerOptions[]) => {
    const [asked, answer] = [gate(), gate<typeof tls>()];
    const controller = new AbortController();
    let isSilent = false;
    const handler = (_request: unknown, response: ServerResponse): void => {
      isSilent = true;
      response.statusCode = 500;
      response.end();
    };
    const pool = opened.pool({
      handlers: () => ({ default: says('well'), ill: handler }),
      signal: controller.signal,
      tls: () => {
        if (!isSilent) return tls;
        asked.open();
        return answer.opened;
      },
    });
    await pool.apply([on('a'), b]);
    await pool.start();
    const before = [...pool];
    const outcome = failure<PoolError>(pool.apply(list, { probation: '1h' }));
    await asked.opened;
    return { pool, before, outcome, answer, controller };
  };

  type GoingBack = Awaited<ReturnType<typeof goingBack>>;

  const stops: readonly [string, (found: GoingBack) => unknown][] = [
    ['a stop of the pool', ({ pool }) => pool.stop()],
    ['a stop with a timeout', ({ pool }) => pool.stop({ timeout: 0 })],
    ['its signal', ({ controller }) => controller.abort()],
    ['stops one after the other', ({ pool }) => pool.stop().then(() => pool.stop())],
  ];

  describe.each(lists)('that %s the server which waits', (_does, list) => {
    it.each(stops)('gives way to %s, and is taken back all the same', async (_stop, stop) => {
      const found = await goingBack(list);
      const { pool, before, outcome } = found;
      await stop(found);
      const error = await outcome;
      await pool.stop();
      expect(error.message).toMatch(/^The pool is as before, 1 server/);
      expect([...pool]).toEqual(before);
      expect(states(pool)).toEqual(['a stopped', 'b stopped']);
      expect([get(pool, 'a').handlerKey(), get(pool, 'b').config]).toEqual(['', b]);
      // No call that comes later waits for it.
      expect((await pool.apply([on('a'), b])).keep).toEqual(['a', 'b']);
    });

    it('is taken back when it is stopped and started again', async () => {
      const { pool, before, outcome, answer } = await goingBack(list);
      const stopped = pool.stop();
      const started = pool.start();
      answer.open(tls);
      const error = await outcome;
      await Promise.all([stopped, started]);
      await pool.start();
      expect(error.message).toMatch(/^The pool is as before, 1 server/);
      expect([...pool]).toEqual(before);
      expect(states(pool)).toEqual(['a running', 'b running']);
      expect(get(pool, 'b').config).toEqual(b);
      expect(await text(get(pool, 'b').url, { servername: 'localhost' })).toBe('well');
    });
  });

  const stopsOfB: readonly [string, (pool: Pool) => unknown, string[]][] = [
    ['stopped', (pool) => get(pool, 'b').stop(), ['a running', 'b stopped']],
    ['deleted', (pool) => pool.filter('name', 'b').clean(), ['a running']],
    ['taken out', (pool) => takeOut(pool), ['a running']],
  ];

  const takeOut = (pool: Pool): void => {
    const { address } = get(pool, 'b');
    const { host, port } = address as { host: string; port: number };
    opened.addServer(pool.loadAndDelete(`${host}:${port}`)!);
  };

  it.each(stopsOfB)('gives way where its server is %s', async (how, call, left) => {
    const { pool, outcome, answer } = await goingBack(lists[1]![1]);
    await call(pool);
    // Whoever has it may use it as it is.
    if (how === 'taken out') answer.open(tls);
    const error = await outcome;
    expect(error.message).toMatch(/^The pool is as before, 1 server/);
    expect(states(pool)).toEqual(left);
    expect(get(pool, 'a').handlerKey()).toBe('');
  });
});
