import { afterEach, describe, expect, it } from '@jest/globals';
import { Pool, PooledServer, PoolError, ServerError } from '../../lib/index.js';
import { failure, record } from '../support/events.js';
import { Opened } from '../support/opened.js';
import { snapshot } from '../support/snapshot.js';
import { calls, web } from './support/option-calls.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const refuse = (): never => {
  throw new Error('not yours');
};

/** Options that can't be read, by the key that is asked for first or by this one. */
const makers: readonly [what: string, make: (key: string) => object][] = [
  ['a getter that throws', (key) => Object.defineProperty({}, key, { get: refuse })],
  ['a getter that throws undefined', (key) => Object.defineProperty({}, key, { get: nothing })],
  ['a proxy that throws', () => new Proxy({}, { get: refuse })],
  ['a revoked proxy', () => revoked({})],
];

describe.each(makers)('options with %s', (_what, make) => {
  it.each(calls)('are refused by %s (%s), which changes nothing', async (_name, key, call) => {
    const pool = opened.pool();
    const server = await pool.storeNew(web, { start: true });
    const before = snapshot(pool);
    const events = record(pool);
    const error = await failure((async () => call({ pool, server }, make(key) as never))());
    expect(error instanceof PoolError || error instanceof ServerError).toBe(true);
    expect(error.message).toMatch(/cannot be read/);
    expect(snapshot(pool)).toEqual(before);
    expect(events).toEqual([]);
  });
});

it.each<[string, object]>([
  ['what has its prototype', Object.create(AbortSignal.prototype) as object],
  ['a revoked proxy', revoked({})],
])('%s is no signal', async (_what, signal) => {
  const pool = opened.pool();
  const server = await pool.storeNew(web, { start: true });
  for (const call of [
    () => pool.start({ signal: signal as never }),
    () => pool.stop({ signal: signal as never }),
    () => server.healthCheck({ signal: signal as never }),
    async () => new Pool({ signal: signal as never }),
  ]) {
    expect((await failure(call())).message).toContain('give an AbortSignal');
  }
  expect(server.isRunning()).toBe(true);
});

it.each<[string, () => unknown]>([
  ['what has the prototype of one', () => Object.create(PooledServer.prototype) as unknown],
  ['a proxy of one', () => new Proxy(PooledServer.create({ ...web, name: 'other' }), {})],
  ['a revoked proxy', () => revoked({})],
])('%s is no server', async (_what, make) => {
  const pool = opened.pool();
  const server = await pool.storeNew(web, { start: true });
  const other = make() as PooledServer;
  const code = 'ERR_SERVER_INVALID_INSTANCE';
  expect(await failure(pool.store(other))).toMatchObject({ code });
  expect(await failure(server.merge(other))).toMatchObject({ code });
  const fault = await failure((async () => new Pool({ servers: [other] }))());
  expect(fault).toMatchObject({ code: 'ERR_POOL_ADD', errors: [{ code }] });
  expect([...pool]).toEqual([server]);
});

it.each<[string, () => unknown]>([
  ['what has the prototype of one', () => Object.create(Pool.prototype) as unknown],
  ['a revoked proxy', () => revoked({})],
])('%s is no pool', async (_what, make) => {
  const pool = opened.pool();
  const error = await failure(pool.merge(make() as Pool));
  expect(error).toMatchObject({ code: 'ERR_POOL_PARAM_EMPTY' });
});

it.each<[string, () => unknown]>([
  ['a proxy that throws', () => new Proxy([], { get: refuse })],
  ['a revoked proxy', () => revoked([])],
])('%s is no list of servers', async (_what, make) => {
  const error = await failure((async () => new Pool({ servers: make() as [] }))());
  expect(error).toMatchObject({ code: 'ERR_POOL_ADD' });
  expect(error.message).toMatch(/servers: cannot be read/);
});

describe.each<[string, () => unknown]>([
  ['a proxy of one', () => new Proxy(/./, {})],
  ['one that throws', () => Object.assign(/./, { exec: refuse })],
  ['one that throws undefined', () => Object.assign(/./, { exec: nothing })],
  ['a revoked proxy', () => revoked(/./)],
])('a RegExp that can not be asked, as %s,', (_what, make) => {
  it('matches nothing, is logged once, and does not reach the servers', async () => {
    const warnings: string[] = [];
    const log = (): void => undefined;
    const warn = (text: string): void => void warnings.push(text);
    const pool = opened.pool({ logger: { log, warn, error: log } });
    const regex = make() as RegExp;
    const view = pool.filter('name', undefined, regex);
    const seen = record(view);
    // Each event asks the view, in the middle of a change of state.
    const server = await pool.storeNew(web, { start: true });
    await server.restart();
    await server.stop();
    await pool.start();
    expect([server.state, view.size, seen.length]).toEqual(['running', 0, 0]);
    expect(pool.list('name', 'name', undefined, regex)).toEqual([]);
    expect(pool.list('name', 'name', 'web', regex)).toEqual(['web']);
    expect(warnings.filter((text) => text.includes('matches nothing'))).toHaveLength(1);
  });
});

function nothing(): never {
  throw undefined;
}

function revoked<T extends object>(target: T): T {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}
