import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledServer, type Pool, type PoolError, type ServerOptions } from '../../lib/index.js';
import { failure, gate } from '../support/events.js';
import { freeListen } from '../support/free-port.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { get, states } from './support/running-pools.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const on = (name: string, more: Partial<ServerOptions> = {}): ServerOptions => {
  return { name, listen: LOOPBACK, monitor: { path: '/' }, ...more };
};
/** Is asked how it is, and answers when the test says so: that it is ill. */
const ill = on('a', { handlerKey: 'ill' });

const started = async (...list: ServerOptions[]) => {
  const [asked, answer] = [gate(), gate()];
  const handler = async (_request: unknown, response: ServerResponse): Promise<void> => {
    asked.open();
    await answer.opened;
    response.statusCode = 500;
    response.end();
  };
  const pool = opened.pool({ handlers: () => ({ default: says('well'), ill: handler }) });
  await pool.apply(list);
  await pool.start();
  /** Applies a list that fails in its probation, and does something meanwhile. */
  const tryOut = async (
    applied: readonly ServerOptions[],
    meanwhile: () => unknown = () => undefined,
    view = pool,
  ): Promise<PoolError> => {
    const outcome = failure<PoolError>(view.apply(applied, { probation: '1h' }));
    await asked.opened;
    await meanwhile();
    answer.open();
    return outcome;
  };
  return { pool, tryOut };
};

const hostOf = (pool: Pool, name: string): string => new URL(get(pool, name).url ?? '').host;

describe('a list that fails in its probation', () => {
  it('leaves the order as it was, and a server that was removed and replaced by none', async () => {
    const { pool, tryOut } = await started(on('a'), on('b'), on('c'), on('d'));
    const before = [...pool];
    const error = await tryOut([on('new'), on('d'), ill]);
    expect(error.message).toMatch(/^The pool is as before, 1 server/);
    expect([...pool]).toEqual(before);
    expect(states(pool)).toEqual(['a running', 'b running', 'c running', 'd running']);
    await pool.storeNew(on('e'));
    expect([...pool].map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await text(get(pool, 'b').url)).toBe('well');
  });

  const off = { disabled: true };
  it.each<[string, ServerOptions, (b: PooledServer) => unknown, ServerOptions[], string]>([
    ['stopped, is removed', on('b'), (b) => b.stop(), [], 'stopped'],
    ['stopped, is changed', on('b'), (b) => b.stop(), [on('b', { maxHandlers: 3 })], 'stopped'],
    ['stopped, is disabled', on('b'), (b) => b.stop(), [on('b', off)], 'stopped'],
    ['disabled, is enabled', on('b', off), () => undefined, [on('b')], 'stopped'],
    ['disabled, is removed', on('b', off), () => undefined, [], 'stopped'],
    ['running, is disabled', on('b'), () => undefined, [on('b', off)], 'running'],
    ['running, is removed', on('b'), () => undefined, [], 'running'],
  ])('has a server that was %s, as it was', async (_what, options, prepare, list, state) => {
    const { pool, tryOut } = await started(on('a'), options, on('c'));
    const b = get(pool, 'b');
    await prepare(b);
    const { config } = b;
    const error = await tryOut([ill, ...list, on('c')]);
    expect(error.message).toMatch(/^The pool is as before/);
    expect([...pool][1]).toBe(b);
    expect(states(pool)).toEqual(['a running', `b ${state}`, 'c running']);
    expect(b.config).toBe(config);
  });

  it('has a server that was started alone, in a pool that was not', async () => {
    const { pool, tryOut } = await started();
    await pool.stop();
    for (const name of ['a', 'b', 'c']) await pool.storeNew(on(name));
    await get(pool, 'b').start();
    const error = await tryOut([ill, on('b', { handlerKey: 'ill' })], () => undefined);
    expect(error.message).toMatch(/^The pool is as before/);
    expect(states(pool)).toEqual(['a stopped', 'b running', 'c stopped']);
  });
});

describe('what is called on others while a list is on probation', () => {
  const b2 = on('b', { maxHandlers: 3 });
  const cases: readonly [string, ServerOptions[], (pool: Pool) => unknown, string[], string[]][] = [
    [
      'a server that it keeps is deleted',
      [ill, on('b')],
      (pool) => pool.delete(hostOf(pool, 'b')),
      ['a running'],
      [],
    ],
    [
      'a server that it changes is deleted',
      [ill, b2],
      (pool) => pool.delete(hostOf(pool, 'b')),
      ['a running'],
      [],
    ],
    [
      'a server that it adds is deleted',
      [ill, on('b'), on('new')],
      (pool) => pool.delete(hostOf(pool, 'new')),
      ['a running', 'b running'],
      [],
    ],
    [
      'a server that it keeps is changed',
      [ill, on('b')],
      (pool) => get(pool, 'b').setConfig(b2),
      ['a running', 'b running'],
      ['b'],
    ],
    [
      'a server that it changes is changed once more',
      [ill, on('b', { maxHandlers: 9 })],
      (pool) => get(pool, 'b').setConfig(b2),
      ['a running', 'b running'],
      ['b'],
    ],
    [
      'a server that it adds is changed',
      [ill, on('b'), on('new')],
      (pool) => get(pool, 'new').setConfig(on('new', { maxHandlers: 3 })),
      ['a running', 'b running', 'new running'],
      ['new'],
    ],
    [
      'a server is stored',
      [ill, on('b')],
      (pool) => pool.storeNew(on('guest'), { start: true }),
      ['a running', 'b running', 'guest running'],
      [],
    ],
    [
      'a server that it changes is stopped',
      [ill, b2],
      (pool) => get(pool, 'b').stop(),
      ['a running', 'b stopped'],
      [],
    ],
    [
      'a server that it keeps is stopped',
      [ill, on('b')],
      (pool) => get(pool, 'b').stop(),
      ['a running', 'b stopped'],
      [],
    ],
  ];

  it.each(cases)('comes after it: %s', async (_what, list, meanwhile, left, changed) => {
    const { pool, tryOut } = await started(on('a'), on('b'));
    const error = await tryOut(list, () => meanwhile(pool));
    expect(error.message).toMatch(/^The pool is as before, 1 server/);
    expect(states(pool)).toEqual(left);
    for (const { name, config } of pool)
      expect([name, config.maxHandlers]).toEqual([name, changed.includes(name) ? 3 : undefined]);
    expect(get(pool, 'a').handlerKey()).toBe('');
  });

  it.each([['keeps', on('b')] as const, ['changes', b2] as const])(
    'comes after it: a server that it %s is taken out, and is its taker’s',
    async (_does, options) => {
      const { pool, tryOut } = await started(on('a'), on('b'));
      const b = get(pool, 'b');
      const error = await tryOut([ill, options], () => {
        opened.pool({
          servers: [opened.addServer(pool.loadAndDelete(hostOf(pool, 'b')) as PooledServer)],
        });
      });
      expect(error.message).toMatch(/^The pool is as before/);
      expect([states(pool), b.state]).toEqual([['a running'], 'running']);
      expect(b.config.maxHandlers).toBe(options.maxHandlers);
    },
  );

  it('comes after it: a server that it removes gets into another pool', async () => {
    const { pool, tryOut } = await started(on('a'), on('b'));
    const b = get(pool, 'b');
    const other = opened.pool();
    await tryOut([ill], () => b.stop().then(() => other.store(b)));
    expect([states(pool), states(other)]).toEqual([['a running'], ['b stopped']]);
  });

  it('comes after it: another server is stored on the address of one that it removes', async () => {
    const listen = await freeListen();
    const { pool, tryOut } = await started(on('a'), on('b', { listen }), on('c'));
    const error = await tryOut([ill, on('c')], () =>
      pool.storeNew(on('guest', { listen }), { start: true }),
    );
    expect(error.message).toMatch(/^The pool is as before/);
    expect(states(pool)).toEqual(['a running', 'c running', 'guest running']);
  });

  it('is told where it is in the way of a server, and the others are as before', async () => {
    const { pool, tryOut } = await started(on('a'), on('b'), on('c'));
    const error = await tryOut([ill], () => pool.storeNew(on('b'), { start: true }));
    expect(error.message).toMatch(/^Not all of the list before was put back/);
    expect(error.message).toContain("'b' is already the name of another server");
    expect(states(pool)).toEqual(['a running', 'c running', 'b running']);
    expect(get(pool, 'a').handlerKey()).toBe('');
  });

  it('is left alone by the list of a view', async () => {
    const { pool, tryOut } = await started(on('a'), on('ab'), on('b'));
    const meanwhile = () => pool.delete(hostOf(pool, 'b'));
    await tryOut([ill], meanwhile, pool.filter('name', undefined, '^a'));
    expect(states(pool)).toEqual(['a running', 'ab running']);
  });

  it('waits for the way back: a change of a server that is called with it', async () => {
    const { pool, tryOut } = await started(on('a'), on('b'));
    await tryOut([ill, on('b', { maxHandlers: 9 })], () => {
      void get(pool, 'b').setConfig(b2);
    });
    expect([states(pool), get(pool, 'b').config.maxHandlers]).toEqual([
      ['a running', 'b running'],
      3,
    ]);
  });
});
