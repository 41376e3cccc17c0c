import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer } from '../../lib/index.js';
import { failure, record, waitFor } from '../support/events.js';
import { held, Journal, LOOPBACK } from '../support/handlers.js';
import { ask, text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

describe('the events of a pool', () => {
  it('tell every change of state, in order', async () => {
    const pool = opened.pool();
    const events = record(pool);
    await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    await pool.restart();
    await pool.get('a')?.setConfig({ name: 'a', listen: LOOPBACK, maxHandlers: 1 });
    await pool.delete(LOOPBACK);
    expect(events.map(({ type, previous, state }) => `${type} ${previous}>${state}`)).toEqual([
      'added stopped>stopped',
      'state stopped>starting',
      'state starting>running',
      'restart running>running',
      'config running>running',
      'removed running>running',
      'state running>draining',
      'state draining>stopped',
    ]);
    for (const event of events) {
      expect(event).toMatchObject({ server: 'a', bind: LOOPBACK });
      expect(Object.isFrozen(event)).toBe(true);
      expect(Math.abs(event.time - Date.now())).toBeLessThan(60_000);
    }
    expect(events[4]?.kind).toBe('live');
    expect(events.at(-1)?.report).toMatchObject({ server: 'a', timedOut: false });
  });

  it('tell why a server failed', async () => {
    const pool = opened.pool();
    const { listen } = await opened.takenPort();
    const server = await pool.storeNew({ name: 'a', listen });
    const failed = waitFor(pool, ({ state }) => state === 'failed');
    await failure(pool.start());
    expect((await failed).error).toBe(server.getError());
  });

  it('tell nothing of a stop of what is stopped', async () => {
    const pool = opened.pool();
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK });
    const events = record(pool);
    await server.stop();
    expect(events).toEqual([]);
  });

  it.each<[string, (server: PooledServer) => Promise<unknown>]>([
    ['a start', (server) => server.start()],
    ['a restart', (server) => server.restart()],
    ['a change of config', (server) => server.setConfig({ ...server.config, maxHandlers: 1 })],
    ['a rename', (server) => server.setConfig({ ...server.config, name: 'elsewhere' })],
  ])('end with the stop of a server that has left, whatever follows: %s', async (_what, call) => {
    for (const isRunning of [true, false]) {
      const pool = opened.pool();
      const server = opened.addServer(
        await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: isRunning }),
      );
      const events = record(pool);
      // Asked for before the stop is over, so it comes right behind it.
      const calls = [pool.delete(LOOPBACK), call(server)];
      await Promise.all(calls);
      await server.stop();
      expect(events.map(({ type, state }) => `${type} ${state}`)).toEqual(
        isRunning ? ['removed running', 'state draining', 'state stopped'] : ['removed stopped'],
      );
    }
  });

  it.each(['stopped', 'failed'])(
    'tell a new name before the start of a %s server',
    async (from) => {
      const pool = opened.pool();
      const { listen, free } = await opened.takenPort();
      await pool.storeNew({ name: 'a', listen, disabled: from === 'stopped' });
      await pool.start().catch(() => undefined);
      expect(pool.get('a')?.state).toBe(from);
      await free();
      const events = record(pool);
      await pool.apply([{ name: 'b', listen }]);
      expect(
        events.map(({ type, server, previous, state }) => `${type} ${server} ${previous}>${state}`),
      ).toEqual([`config b ${from}>${from}`, `state b ${from}>running`]);
      expect(pool.get('b')?.isRunning()).toBe(true);
    },
  );

  it('of a server that has left and is taken in again go on', async () => {
    const pool = opened.pool();
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    await pool.delete(LOOPBACK);
    const events = record(pool);
    await pool.store(server);
    await pool.start();
    expect(events.map(({ type, state }) => `${type} ${state}`)).toEqual([
      'added stopped',
      'state starting',
      'state running',
    ]);
  });

  it('do not reach who has unsubscribed, and cost nothing without a subscriber', async () => {
    const pool = opened.pool();
    let heard = 0;
    const subscription = pool.events$.subscribe(() => (heard += 1));
    await pool.storeNew({ name: 'a', listen: LOOPBACK });
    subscription.unsubscribe();
    await pool.start();
    expect(heard).toBe(1);
  });

  it('are told of in the log, but for lines that logFilter drops', async () => {
    const logger = new Journal();
    const pool = opened.pool({ logger });
    const logFilter = ['starting'];
    await pool.storeNew({ name: 'a', listen: LOOPBACK, logFilter }, { start: true });
    const { port } = pool.get('a')!.address as { port: number };
    await pool.stop();
    const text = logger.lines.map((line) => line.replace(/in \d+ ms/, 'in 0 ms'));
    expect(text).toEqual([
      `log a (127.0.0.1:${port}): running on http://127.0.0.1:${port}`,
      `log a (127.0.0.1:${port}): draining`,
      `log a (127.0.0.1:${port}): stopped (0 requests finished in 0 ms)`,
    ]);
  });
});

describe('the times that a server tells', () => {
  it('are those of its stop', async () => {
    const server = await opened.pool().storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const began = performance.now();
    const { durationMs } = await server.stop();
    expect(durationMs).toBeLessThanOrEqual(Math.ceil(performance.now() - began));
  });

  it('are for how long it has been down: not before it first ran, and not while it runs', async () => {
    const pool = opened.pool();
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK });
    const began = performance.now();
    expect((await server.monitor()).downtime).toBe(0);
    await server.start();
    expect((await server.monitor()).downtime).toBe(0);
    await server.stop();
    const stopped = performance.now();
    while (performance.now() < stopped + 3) await new Promise(setImmediate);
    const { downtime } = await server.monitor();
    expect(downtime).toBeGreaterThan(0);
    expect(downtime).toBeLessThanOrEqual(Math.ceil(performance.now() - began));
  });
});

describe('the stats of a pool', () => {
  it('are zero for an empty one', () => {
    expect(opened.pool().stats()).toEqual({
      size: 0,
      running: 0,
      failed: 0,
      connections: 0,
      inFlight: 0,
      requests: 0,
      uptime: 0,
      servers: [],
    });
  });

  it('count servers, connections and requests as a plain snapshot', async () => {
    const { handler, entered, release } = held('whole');
    const pool = opened.pool({ handlers: () => ({ default: handler }) });
    const { listen } = await opened.takenPort();
    await pool.storeNew({ name: 'a', listen: LOOPBACK });
    await pool.storeNew({ name: 'b', listen: LOOPBACK });
    await pool.storeNew({ name: 'taken', listen });
    await failure(pool.start());
    const answer = text(pool.get('a')?.url);
    await entered.opened;
    const during = pool.stats();
    expect(during).toMatchObject({ size: 3, running: 2, failed: 1 });
    expect(during).toMatchObject({ connections: 1, inFlight: 1, requests: 1 });
    expect(during.servers.map(({ inFlight }) => inFlight)).toEqual([1, 0, 0]);
    release.open();
    expect(await answer).toBe('whole');
    expect(during.inFlight).toBe(1);
    expect(pool.stats()).toMatchObject({ inFlight: 0, requests: 1 });
    expect(JSON.parse(JSON.stringify(pool))).toMatchObject({ size: 3 });
    expect(structuredClone(during)).toEqual(during);
  });

  it('tell each server as it is', async () => {
    const pool = opened.pool();
    const { listen } = await opened.takenPort();
    const server = await pool.storeNew({ name: 'a', listen, expose: 'https://a.test' });
    await failure(pool.start());
    expect(server.stats()).toEqual({
      name: 'a',
      bind: listen,
      expose: 'https://a.test',
      url: undefined,
      address: undefined,
      state: 'failed',
      disabled: false,
      tls: false,
      protocol: 'http1',
      uptime: 0,
      connections: 0,
      inFlight: 0,
      requests: 0,
      error: server.getError()?.message,
    });
  });

  it('go on counting over a restart', async () => {
    const pool = opened.pool();
    const { url = '' } = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    await ask(url);
    await pool.restart();
    await ask(url);
    expect(pool.stats().requests).toBe(2);
  });

  it('tell the longest uptime', async () => {
    const pool = opened.pool();
    const a = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    await pool.storeNew({ name: 'b', listen: LOOPBACK }, { start: true });
    await pool.storeNew({ name: 'c', listen: LOOPBACK });
    const before = a.uptime();
    const longest = pool.uptime();
    expect(longest).toBeGreaterThanOrEqual(before);
    expect(a.uptime()).toBeGreaterThanOrEqual(longest);
  });
});
