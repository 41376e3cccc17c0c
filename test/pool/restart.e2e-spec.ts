import { afterEach, describe, expect, it } from '@jest/globals';
import {
  PooledServer,
  PoolErrorCode,
  type Pool,
  type PoolError,
  type ServerError,
} from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { failure, gate, record } from '../support/events.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { ask, keepAlive, text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const inherited = { inheritDefault: true };
const defaultTls = async () => {
  await new Promise(setImmediate);
  return tls;
};

describe('restarting', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const poolOf = async (...names: string[]): Promise<Pool> => {
    const pool = opened.pool({ handlers: () => ({ default: says('hello') }) });
    for (const name of names) await pool.storeNew({ name, listen: LOOPBACK });
    return pool;
  };
  const states = (pool: Pool): string[] => [...pool].map(({ state }) => state);

  it('does nothing for an empty pool', async () => {
    await expect(opened.pool().restart()).resolves.toBeUndefined();
  });

  it('starts those that are stopped', async () => {
    const pool = await poolOf('a', 'b');
    await pool.get('a')?.start();
    await pool.restart();
    expect(states(pool)).toEqual(['running', 'running']);
  });

  it('leaves disabled ones stopped', async () => {
    const pool = await poolOf();
    await pool.storeNew({ name: 'off', listen: LOOPBACK, disabled: true });
    await pool.restart();
    expect(states(pool)).toEqual(['stopped']);
  });

  it('keeps the port of a port-0 server, and counts the uptime anew', async () => {
    const pool = await poolOf('a');
    await pool.start();
    const server = pool.get('a');
    const { url } = server ?? {};
    await text(url);
    const before = server?.uptime() ?? 0;
    await pool.restart();
    expect(server?.url).toBe(url);
    expect(server?.uptime()).toBeLessThan(before);
    expect(await text(url)).toBe('hello');
  });

  it('refuses no connection and loses no request', async () => {
    const pool = await poolOf('a', 'b');
    await pool.start();
    const urls = [...pool].map(({ url = '' }) => url);
    const everyoneIsServed = gate();
    let [asked, isDone] = [0, false];
    const clients = [...urls, ...urls].map(async (url, index) => {
      const agent = index < 2 ? keepAlive() : undefined;
      while (!isDone) {
        expect(await text(url, { agent, method: 'POST', body: 'once' })).toBe('hello');
        asked += 1;
        if (asked === 8) everyoneIsServed.open();
      }
      agent?.destroy();
    });
    await everyoneIsServed.opened;
    for (let round = 0; round < 10; round += 1) await pool.restart();
    isDone = true;
    await Promise.all(clients);
    expect(states(pool)).toEqual(['running', 'running']);
  });

  it('answers a request that it met in flight', async () => {
    const { handler, entered, release } = held('whole');
    const pool = opened.pool({ handlers: () => ({ default: handler }) });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const answer = text(server.url);
    await entered.opened;
    await pool.restart();
    expect(server.stats().inFlight).toBe(1);
    release.open();
    expect(await answer).toBe('whole');
  });

  it('moves kept connections over with a Connection: close', async () => {
    const pool = await poolOf('a');
    await pool.start();
    const agent = keepAlive();
    opened.onClose(() => agent.destroy());
    const url = pool.get('a')?.url ?? '';
    expect((await ask(url, { agent })).headers.connection).toBe('keep-alive');
    await pool.restart();
    expect((await ask(url, { agent })).headers.connection).toBe('close');
    expect((await ask(url, { agent })).headers.connection).toBe('keep-alive');
  });

  it('goes on with the next server when one fails, and names each that did', async () => {
    const pool = await poolOf('a');
    const { listen } = await opened.takenPort();
    await pool.storeNew({ name: 'taken', listen });
    await pool.storeNew({ name: 'b', listen: LOOPBACK });
    const error = await failure<PoolError>(pool.restart());
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_RESTART);
    expect(error.errors.map(({ server }) => server)).toEqual(['taken']);
    expect(states(pool)).toEqual(['running', 'failed', 'running']);
  });

  it('leaves a server serving as it was when its new certificates are bad', async () => {
    let certificates: object = tls;
    const pool = opened.pool({
      handlers: () => ({ default: says('secure') }),
      tls: () => certificates,
    });
    const options = { name: 'a', listen: LOOPBACK, tls: { inheritDefault: true } };
    const server = await pool.storeNew(options, { start: true });
    certificates = { certs: [{ cert: 'missing.pem', key: 'missing.pem' }] };
    const error = await failure<PoolError>(pool.restart());
    expect(error.message).toContain("file 'missing.pem' does not exist");
    expect(server.state).toBe('running');
    expect(await text(server.url)).toBe('secure');
  });

  it('is told as one event per server, whose state did not change', async () => {
    const pool = await poolOf('a', 'b');
    await pool.start();
    const events = record(pool);
    await pool.restart();
    expect(
      events.map(({ server, type, state, previous }) => [server, type, state, previous]),
    ).toEqual(['a', 'b'].map((name) => [name, 'restart', 'running', 'running']));
  });

  it('goes one server at a time, or as many as it is told', async () => {
    let [now, most] = [0, 0];
    const certificates = async () => {
      now += 1;
      most = Math.max(most, now);
      await Promise.resolve();
      now -= 1;
      return tls;
    };
    const pool = opened.pool({ tls: certificates });
    for (const name of ['a', 'b', 'c', 'd']) {
      await pool.storeNew({ name, listen: LOOPBACK, tls: { inheritDefault: true } });
    }
    await pool.restart();
    expect(most).toBe(1);
    await pool.restart({ concurrency: 3 });
    expect(most).toBe(3);
  });

  it.each([0, -1, 1.5, NaN, 'x'])('refuses to go by %p at a time', async (concurrency) => {
    const pool = await poolOf('a');
    await pool.start();
    const events = record(pool);
    const restart = pool.restart({ concurrency: concurrency as number });
    const error = await failure<PoolError>(restart);
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_RESTART);
    expect(error.message).toMatch(/concurrency.* got the .*, give a whole number from 1/);
    expect(events).toEqual([]);
  });

  it('ends at the server where the signal aborted', async () => {
    const pool = await poolOf('a', 'b');
    await pool.start();
    const controller = new AbortController();
    const events = record(pool);
    pool.events$.subscribe(() => controller.abort(new Error('enough')));
    const error = await failure<PoolError>(pool.restart({ signal: controller.signal }));
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_RESTART);
    expect((error.cause as Error).message).toBe('enough');
    expect(events.map(({ server }) => server)).toEqual(['a']);
  });

  it.each<[string, (pool: Pool, listen: string) => Promise<unknown>]>([
    ['of its name', (pool, listen) => pool.storeNew({ name: 'a', listen, tls: inherited })],
    ['of another name', (pool, listen) => pool.storeNew({ name: 'b', listen, tls: inherited })],
    [
      'that is to start',
      (pool, listen) => pool.storeNew({ name: 'b', listen, tls: inherited }, { start: true }),
    ],
    [
      'that was made elsewhere',
      (pool, listen) =>
        pool.store(PooledServer.create({ name: 'b', listen, tls: inherited }, { tls: defaultTls })),
    ],
  ])(
    'has no part in a server whose place one %s takes while its turn has come',
    async (_, take) => {
      for (const restart of [
        (pool: Pool) => pool.restart(),
        (pool: Pool) => pool.restart({ concurrency: Infinity }),
        (pool: Pool) => pool.filter('name', undefined, '.').restart(),
      ]) {
        const { listen, free } = await opened.takenPort();
        await free();
        const pool = opened.pool({ tls: defaultTls });
        await pool.storeNew({ name: 'a', listen }, { start: true });
        // It holds the other one while it waits for its certificates, so the restart comes behind it.
        const taken = take(pool, listen);
        await Promise.all([restart(pool), taken]);
        expect(states(pool)).toEqual(['running']);
      }
    },
  );

  it('of one server shares a promise between concurrent calls', async () => {
    const server = opened.server({ name: 'a', listen: LOOPBACK });
    await server.start();
    const [first, second] = [server.restart(), server.restart()];
    expect(second).toBe(first);
    await first;
    expect(server.isRunning()).toBe(true);
  });

  it('of one server that cannot start rejects with its error', async () => {
    const { listen } = await opened.takenPort();
    const server = opened.server({ name: 'a', listen });
    const error = await failure<ServerError>(server.restart());
    expect([error.server, error.bind]).toEqual(['a', listen]);
    expect(server.state).toBe('failed');
  });
});
