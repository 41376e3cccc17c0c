import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledServer, type Pool, type ServerOptions } from '../../lib/index.js';
import { localhost } from '../support/certificates.js';
import { failure, gate, waitFor } from '../support/events.js';
import { freeListen } from '../support/free-port.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { on, states } from './support/running-pools.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const silent = () => new Promise<never>(() => undefined);
const waiting = on('waiting', { tls: { inheritDefault: true } });

/** A pool of `a` and `b` that runs, with a request to `a` under way. */
const busy = async (...more: ServerOptions[]) => {
  const { handler, entered, release } = held('late');
  const pool = opened.pool({ handlers: () => ({ default: handler }), tls: silent });
  await pool.apply([on('a'), on('b'), ...more]);
  await pool.start();
  const answer = text(pool.get('a')?.url);
  await entered.opened;
  const end = async () => {
    release.open();
    await answer;
  };
  return { pool, end };
};

describe('a stop of a pool waits for nothing that is asked for after it', () => {
  const later: Record<string, (pool: Pool) => Promise<unknown>> = {
    'an apply with a probation of an hour': (pool) =>
      pool.apply([on('a', { readTimeout: 9000 }), on('b')], { probation: '1h' }),
    'an apply whose default TLS never answers': (pool) => pool.apply([on('a'), on('b'), waiting]),
  };
  const starts: Record<string, (pool: Pool) => unknown> = {
    'no start': () => undefined,
    'a start before it': (pool) => void pool.start(),
  };
  const rows = Object.keys(later).flatMap((work) =>
    Object.keys(starts).map((start) => [work, start]),
  );

  it.each(rows)('%s, with %s', async (work, start) => {
    const { pool, end } = await busy();
    const stopped = pool.stop();
    starts[start]?.(pool);
    const outcome = later[work]?.(pool).catch((error: Error) => error);
    await end();
    await stopped;
    // The next one gives it up.
    await pool.stop();
    await outcome;
    expect(new Set([...pool].map(({ state }) => state))).toEqual(new Set(['stopped']));
  });

  it('a start behind an apply whose default TLS never answers', async () => {
    const { pool, end } = await busy();
    const stopped = pool.stop();
    const applied = failure(pool.apply([on('a'), on('b'), waiting]));
    // It waits for its turn behind the list.
    const started = pool.start().catch((error: Error) => error);
    await end();
    await stopped;
    await pool.stop();
    await Promise.all([applied, started]);
    expect(states(pool)).toEqual(['a stopped', 'b stopped']);
  });
});

describe('a stop of a pool waits for what was asked for before it', () => {
  it('a second apply behind a first one, which it gives up too', async () => {
    const pool = opened.pool({ tls: silent });
    await pool.apply([on('a')]);
    await pool.start();
    const outcomes: string[] = [];
    const first = failure(pool.apply([on('a'), waiting])).then(() => outcomes.push('first'));
    const second = failure(pool.apply([on('a', { readTimeout: 9000 })], { probation: '1h' })).then(
      () => outcomes.push('second'),
    );
    await pool.stop();
    await Promise.all([first, second]);
    expect(outcomes).toEqual(['first', 'second']);
    expect(states(pool)).toEqual(['a stopped']);
  });

  it('the drain of a server that is deleted while others drain', async () => {
    const { pool, end } = await busy();
    const a = pool.get('a') as PooledServer;
    const stopped = pool.filter('name', 'b').stop();
    const { address } = a;
    const port = address && 'port' in address ? address.port : 0;
    const deleted = pool.delete(`127.0.0.1:${port}`);
    const all = pool.stop().then(() => a.state);
    await end();
    expect(await all).toBe('stopped');
    await Promise.all([stopped, deleted]);
  });

  it('a store of a server that starts where one that is to stop last still serves', async () => {
    const listen = await freeListen();
    const { pool, end } = await busy({ name: 'last', listen, shutdown: { last: true } });
    const last = pool.get('last') as PooledServer;
    const stopped = pool.stop();
    const next = opened.addServer(PooledServer.create({ name: 'next', listen }));
    const started = next.start();
    const stored = pool.store(next);
    await end();
    await stopped;
    expect(last.state).toBe('stopped');
    await Promise.all([started, stored]);
    expect([next.state, pool.get('next') === next]).toEqual(['running', true]);
  });
});

describe('nothing runs after a stop that nobody started after it', () => {
  const comes: Record<string, (pool: Pool, listen: string) => Promise<unknown>> = {
    'an apply that adds': (pool, listen) => pool.apply([{ name: 'a', listen }, on('c')]),
    'an apply that enables': (pool, listen) => pool.apply([{ name: 'a', listen }, on('b')]),
    'a store in the place of one': (pool, listen) =>
      pool.store(opened.addServer(PooledServer.create({ name: 'n', listen }))),
  };
  it.each(Object.keys(comes))('%s, asked for while it drains and done after it', async (name) => {
    const { handler, entered, release } = held('late');
    const pool = opened.pool({ handlers: () => ({ default: handler }) });
    const listen = await freeListen();
    await pool.apply([{ name: 'a', listen }, on('b', { disabled: true })]);
    await pool.start();
    const answer = text(`http://${listen}`);
    await entered.opened;
    const drains = waitFor(pool, ({ state }) => state === 'draining');
    const stopped = pool.stop();
    await drains;
    const came = comes[name]?.(pool, listen);
    release.open();
    await Promise.all([answer, stopped, came]);
    expect(pool.isRunning()).toBe(false);
    expect([...pool].every(({ state }) => state === 'stopped')).toBe(true);
  });
});

it('a merge that waits behind an apply, and a stop: what it brings is stopped', async () => {
  const tls = gate();
  const asked = gate();
  const handlers = () => ({ default: says('hello') });
  const pool = opened.pool({
    handlers,
    tls: () => (asked.open(), tls.opened.then(() => ({ certs: [localhost] }))),
  });
  const other = opened.pool({ handlers });
  await pool.start();
  await other.storeNew({ name: 's1', listen: LOOPBACK }, { start: true });
  const applied = pool
    .apply([{ name: 's0', listen: LOOPBACK, tls: { inheritDefault: true } }])
    .catch((error: Error) => error);
  await asked.opened;
  const merged = pool.merge(other).catch((error: Error) => error.message);
  const stopped = pool.stop();
  await Promise.all([applied, merged, stopped]);
  expect([...pool].map(({ name, state }) => `${name} ${state}`)).toEqual(['s1 stopped']);
});
