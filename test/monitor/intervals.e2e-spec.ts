import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pool, PoolEvent, PooledServer, ServerOptions } from '../../lib/index.js';
import { record, waitFor } from '../support/events.js';
import { held, LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { protocols } from '../support/protocols.js';

/** A server whose monitor asks its path, and what the path answers. */
interface Monitored {
  readonly pool: Pool;
  readonly server: PooledServer;
  readonly asked: () => number;
  answer(status: number): void;
}

const ONE_STEP = { fallCountWarn: 1, fallCountKO: 1, riseCountKO: 1, riseCountWarn: 1 };
const QUICK = { intervalCheck: 5, intervalFall: 5, intervalRise: 5 };

describe('the checks of a monitor', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const monitored = async (options: Partial<ServerOptions>): Promise<Monitored> => {
    let status = 200;
    let count = 0;
    const pool = opened.pool({
      handlers: () => ({
        '': (_request, response) => {
          count += 1;
          response.writeHead(status).end();
        },
      }),
    });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK, ...options });
    return { pool, server, asked: () => count, answer: (next) => (status = next) };
  };

  const isHealth =
    (status: string) =>
    (event: PoolEvent): boolean =>
      event.type === 'health' && event.status === status;

  describe.each(protocols)('over $name', ({ options }) => {
    it('take it down and up again, a step at a time, and tell each step as an event', async () => {
      const monitor = { path: '/', ...QUICK, ...ONE_STEP };
      const { pool, server, answer } = await monitored({ ...options, monitor });
      const events = record(pool);
      const fallen = waitFor(pool, isHealth('down'));
      answer(500);
      await server.start();
      const { message } = await fallen;
      expect(message).toBe("Server 'a' (127.0.0.1:0) is not healthy: GET / answered 500");
      const risen = waitFor(pool, isHealth('up'));
      answer(200);
      await risen;
      const told = events.filter(({ type }) => type === 'health').map(({ status }) => status);
      expect(told).toEqual(['degraded', 'down', 'degraded', 'up']);
    });
  });

  it('report latency, and how long it has been up or not', async () => {
    const monitor = { path: '/', ...QUICK, ...ONE_STEP };
    const { pool, server, answer } = await monitored({ monitor });
    const fallen = waitFor(pool, isHealth('down'));
    answer(500);
    await server.start();
    await fallen;
    const down = await server.monitor();
    expect(down).toMatchObject({ status: 'down', state: 'running', latencyMs: expect.any(Number) });
    expect(down.uptime).toBeGreaterThan(0);
    expect(down.downtime).toBeGreaterThan(0);
    const risen = waitFor(pool, isHealth('up'));
    answer(200);
    await risen;
    expect(await server.monitor()).toMatchObject({ status: 'up', downtime: 0 });
    await server.stop();
    const stopped = await server.monitor();
    expect(stopped).toMatchObject({ status: 'down', uptime: 0, latencyMs: 0 });
    expect(stopped.downtime).toBeGreaterThanOrEqual(0);
  });

  it('are the only ones that count: who asks for the health makes none and moves nothing', async () => {
    const monitor = { path: '/', intervalCheck: '1m', intervalFall: '1m', ...ONE_STEP };
    const { pool, server, asked, answer } = await monitored({ monitor });
    answer(500);
    await server.start();
    for (let count = 0; count < 20; count += 1) {
      expect((await pool.monitor())[0]).toMatchObject({ status: 'up' });
    }
    expect(asked()).toBe(0);
    // One that is asked for by name is made, and still counts for nothing.
    for (let count = 0; count < 5; count += 1) {
      await expect(server.healthCheck()).rejects.toThrow('GET / answered 500');
    }
    expect((await server.monitor()).status).toBe('up');
  });

  it('are not made without a monitor', async () => {
    const pool = opened.pool();
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    expect(timers()).toBe(before);
    expect(server.isRunning()).toBe(true);
  });

  it('go on while the config changes more often than they are due', async () => {
    const monitor = { path: '/', intervalCheck: 50, intervalFall: 50, ...ONE_STEP };
    const { pool, server, answer } = await monitored({ monitor });
    answer(500);
    let isDown = false;
    const fallen = waitFor(pool, isHealth('degraded')).then(() => (isDown = true));
    await server.start();
    for (let count = 0; !isDown; count += 1) {
      await server.setConfig({ ...server.config, readTimeout: 10_000 + count });
      // The change itself takes no turn of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await fallen;
  });

  it('begin with a config that asks for them, and end with one that does not', async () => {
    const { pool, server, asked, answer } = await monitored({});
    await server.start();
    answer(500);
    const fallen = waitFor(pool, isHealth('down'));
    await server.setConfig({ ...server.config, monitor: { path: '/', ...QUICK, ...ONE_STEP } });
    await fallen;
    await server.setConfig({ name: 'a', listen: LOOPBACK });
    const count = asked();
    // Without a monitor a report is a check by a connection, and that succeeds.
    expect((await server.monitor()).status).toBe('up');
    expect(asked()).toBe(count);
  });

  it('forget what they found when the server starts anew', async () => {
    const monitor = { path: '/', ...QUICK, ...ONE_STEP };
    const { pool, server, answer } = await monitored({ monitor });
    answer(500);
    const fallen = waitFor(pool, isHealth('down'));
    await server.start();
    await fallen;
    answer(200);
    await server.stop();
    await server.start();
    expect((await server.monitor()).status).toBe('up');
  });

  it('of the time before a stop count no more', async () => {
    const { handler, entered } = held('never');
    const pool = opened.pool({ handlers: () => ({ '': handler }) });
    const monitor = { path: '/', ...QUICK, ...ONE_STEP, checkTimeout: '1m' };
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK, monitor });
    const events = record(pool);
    await server.start();
    await entered.opened;
    // The check is given up, and its request keeps nobody waiting.
    const report = await server.stop({ timeout: '1m' });
    expect(report.timedOut).toBe(false);
    expect(events.filter(({ type }) => type === 'health')).toEqual([]);
  });
});
