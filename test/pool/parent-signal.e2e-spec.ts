import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  PoolErrorCode,
  PooledServer,
  ServerErrorCode,
  type Pool,
  type PoolError,
  type ServerError,
} from '../../lib/index.js';
import { failure, record } from '../support/events.js';
import { held, LOOPBACK } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const reason = new Error('the application is over');
const options = { name: 'a', listen: LOOPBACK };

describe.each(['before it is made', 'later'])('after a parent signal that aborts %s', (when) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  /** Makes something with a signal that has aborted. */
  const ended = async <T>(make: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const controller = new AbortController();
    if (when !== 'later') controller.abort(reason);
    const made = await make(controller.signal);
    controller.abort(reason);
    return made;
  };

  const endedPool = (): Promise<Pool> =>
    ended(async (signal) => {
      const pool = opened.pool({ signal });
      await pool.storeNew(options);
      return pool;
    });

  it.each(['start', 'restart'] as const)('%s of the server rejects', async (call) => {
    const server = await ended(async (signal) => opened.server(options, { signal }));
    const error = await failure<ServerError>(server[call]());
    expect(error).toMatchObject({
      code: ServerErrorCode.ERR_SERVER_START,
      message: "Server 'a' was not started, its signal was aborted",
      cause: reason,
      server: 'a',
    });
    expect([server.state, server.isError(), server.address]).toEqual(['stopped', false, undefined]);
  });

  it.each([
    ['start', PoolErrorCode.ERR_POOL_START],
    ['restart', PoolErrorCode.ERR_POOL_RESTART],
  ] as const)('%s of the pool rejects, and starts nothing', async (call, code) => {
    const pool = await endedPool();
    const events = record(pool);
    const error = await failure<PoolError>(pool[call]());
    expect([error.code, error.cause, error.errors]).toEqual([code, reason, []]);
    expect(events).toEqual([]);
    expect(await failure<PoolError>(pool.filter('name', 'a')[call]())).toMatchObject({ code });
  });

  it('a server of the pool does not start by itself either', async () => {
    const [server] = [...(await endedPool())] as [PooledServer];
    const error = await failure<ServerError>(server.start());
    expect(error.cause).toBe(reason);
    expect(server.state).toBe('stopped');
  });

  it('storeNew with start rejects and leaves the pool as it was, without start it adds', async () => {
    const pool = await endedPool();
    const added = pool.storeNew({ name: 'b', listen: LOOPBACK }, { start: true });
    expect(await failure<ServerError>(added)).toMatchObject({ server: 'b', cause: reason });
    expect([...pool].map(({ name }) => name)).toEqual(['a']);
    await pool.storeNew({ name: 'b', listen: LOOPBACK });
    expect(pool.len()).toBe(2);
  });

  it('storeNew with start on the address of another rejects and leaves that one there', async () => {
    const free = await opened.takenPort();
    await free.free();
    const { listen } = free;
    const pool = await ended(async (signal) => {
      const made = opened.pool({ signal });
      await made.storeNew({ name: 'a', listen });
      return made;
    });
    const events = record(pool);
    const [former] = [...pool];
    for (const name of ['a', 'b']) {
      const added = failure<ServerError>(pool.storeNew({ name, listen }, { start: true }));
      expect(await added).toMatchObject({ code: ServerErrorCode.ERR_SERVER_START, cause: reason });
    }
    expect([...pool]).toEqual([former]);
    expect(events).toEqual([]);
    const disabled = await pool.storeNew({ name: 'c', listen, disabled: true }, { start: true });
    expect([...pool].map(({ name, state }) => [name, state])).toEqual([['c', 'stopped']]);
    expect(disabled.address).toBeUndefined();
  });

  it('apply starts nothing beside a server that runs, which another pool has started', async () => {
    const pool = await endedPool();
    const running = opened.server({ name: 'r', listen: LOOPBACK });
    await running.start();
    await pool.store(running);
    const plan = await pool.apply([
      options,
      { name: 'r', listen: LOOPBACK },
      { ...options, name: 'b' },
    ]);
    expect(plan.add).toEqual(['b']);
    expect([...pool].map(({ name, state }) => `${name} ${state}`)).toEqual([
      'a stopped',
      'r running',
      'b stopped',
    ]);
  });

  it('apply takes the list and starts nothing', async () => {
    const pool = await endedPool();
    await failure(pool.start());
    expect((await pool.apply([options, { name: 'b', listen: LOOPBACK }])).add).toEqual(['b']);
    expect([...pool].map(({ state }) => state)).toEqual(['stopped', 'stopped']);
  });

  it('apply enables a server with such a signal, and does not start it', async () => {
    const pool = opened.pool();
    const make = async (signal: AbortSignal): Promise<PooledServer> =>
      PooledServer.create({ ...options, disabled: true }, { signal });
    const server = await ended(make);
    await pool.store(server);
    await pool.start();
    expect((await pool.apply([options])).live).toEqual(['a']);
    expect([server.disabled, server.state]).toEqual([false, 'stopped']);
  });

  it('a server that has left the pool starts', async () => {
    const pool = await endedPool();
    const server = opened.addServer(pool.loadAndDelete(LOOPBACK) as PooledServer);
    await server.start();
    expect(server.isRunning()).toBe(true);
  });

  it('a clone of the pool starts, unless its own signal has aborted', async () => {
    const pool = await endedPool();
    const clone = opened.addPool(pool.clone());
    await clone.start();
    expect(clone.isRunning()).toBe(true);
    const bound = await ended(async (signal) => opened.addPool(pool.clone({ signal })));
    expect((await failure<PoolError>(bound.start())).cause).toBe(reason);
  });
});

describe('while the servers of an aborted signal drain', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('nothing starts, and the drain goes on', async () => {
    const { handler, entered, release } = held('whole');
    const controller = new AbortController();
    const handlers = () => ({ default: handler });
    const pool = opened.pool({ signal: controller.signal, handlers });
    const server = await pool.storeNew(options, { start: true });
    const answer = text(server.url);
    await entered.opened;
    controller.abort(reason);
    const started = failure<ServerError>(server.start());
    expect((await failure<PoolError>(pool.start())).cause).toBe(reason);
    release.open();
    expect(await answer).toBe('whole');
    expect((await started).cause).toBe(reason);
    expect(server.state).toBe('stopped');
  });
});

it('a signal that many servers have gets one listener', () => {
  const { signal } = new AbortController();
  for (let count = 0; count < 20; count += 1) {
    PooledServer.create({ name: 'a', listen: LOOPBACK }, { signal });
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
});
