import { afterEach, describe, expect, it } from '@jest/globals';
import {
  PoolErrorCode,
  ServerErrorCode,
  type Pool,
  type PoolError,
  type ServerError,
} from '../../lib/index.js';
import { failure, record } from '../support/events.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { ask, keepAlive, text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { refusal } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const poolOf = async (...names: string[]): Promise<Pool> => {
  const pool = opened.pool({ handlers: () => ({ default: says('hello') }) });
  for (const name of names) await pool.storeNew({ name, listen: LOOPBACK });
  return pool;
};

const states = (pool: Pool): string[] => [...pool].map(({ state }) => state);
const urls = (pool: Pool): string[] => [...pool].map(({ url = '' }) => url);

describe('starting a pool', () => {
  it('does nothing when it is empty', async () => {
    const pool = opened.pool();
    await expect(pool.start()).resolves.toBeUndefined();
    expect(pool.isRunning()).toBe(false);
    expect(pool.uptime()).toBe(0);
  });

  it('starts all that are stopped', async () => {
    const pool = await poolOf('a', 'b', 'c');
    await pool.start();
    expect(states(pool)).toEqual(['running', 'running', 'running']);
    expect(await Promise.all(urls(pool).map((url) => text(url)))).toEqual(Array(3).fill('hello'));
  });

  it('leaves alone those that run', async () => {
    const pool = await poolOf('a', 'b');
    await pool.get('a')?.start();
    const url = pool.get('a')?.url ?? '';
    const agent = keepAlive();
    opened.onClose(() => agent.destroy());
    await ask(url, { agent });
    await pool.start();
    expect(pool.get('a')?.url).toBe(url);
    expect((await ask(url, { agent })).headers.connection).toBe('keep-alive');
    expect(states(pool)).toEqual(['running', 'running']);
  });

  it('keeps disabled servers as they are, which is no error', async () => {
    const pool = await poolOf('a');
    await pool.storeNew({ name: 'off', listen: LOOPBACK, disabled: true });
    await pool.start();
    expect(states(pool)).toEqual(['running', 'stopped']);
    expect(pool.get('off')?.isError()).toBe(false);
  });

  it('names each failure, and the others keep running', async () => {
    const pool = await poolOf('a', 'b');
    const { listen } = await opened.takenPort();
    await pool.storeNew({ name: 'taken', listen });
    await pool.storeNew({ name: 'elsewhere', listen: '203.0.113.1:0' });
    const error = await failure<PoolError>(pool.start());
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_START);
    expect(error.errors.map(({ server, code }) => [server, code])).toEqual([
      ['taken', ServerErrorCode.ERR_SERVER_PORT_IN_USE],
      ['elsewhere', ServerErrorCode.ERR_SERVER_INVALID_ADDRESS],
    ]);
    expect(states(pool)).toEqual(['running', 'running', 'failed', 'failed']);
    expect(pool.get('taken')?.getError()).toBe(error.errors[0]);
    expect(pool.get('taken')?.isError()).toBe(true);
    expect(pool.isRunning()).toBe(true);
  });

  it('starts again what had failed, once the reason is gone', async () => {
    const pool = await poolOf();
    const { listen, free } = await opened.takenPort();
    const server = await pool.storeNew({ name: 'a', listen });
    await failure(pool.start());
    await free();
    await pool.start();
    expect(server.state).toBe('running');
    expect(server.isError()).toBe(false);
    expect(server.getError()).toBeUndefined();
  });
});

describe('stopping a pool', () => {
  it('does nothing when it is empty, or stopped', async () => {
    expect(await opened.pool().stop()).toEqual([]);
    expect(await (await poolOf('a')).stop()).toEqual([]);
  });

  it('stops all, reports on each, and frees every address', async () => {
    const pool = await poolOf('a', 'b');
    await pool.start();
    const bound = urls(pool);
    const reports = await pool.stop();
    const cut = { http1: 0, http2: 0, upgraded: 0, connect: 0, tls: 0, idle: 0 };
    const rest = { finished: 0, cut, timedOut: false, durationMs: expect.any(Number) };
    expect(reports).toEqual([
      { server: 'a', ...rest },
      { server: 'b', ...rest },
    ]);
    expect(states(pool)).toEqual(['stopped', 'stopped']);
    expect(await Promise.all(bound.map(refusal))).toEqual(['ECONNREFUSED', 'ECONNREFUSED']);
    expect(pool.isRunning()).toBe(false);
    expect(pool.uptime()).toBe(0);
  });

  it('starts again afterwards', async () => {
    const pool = await poolOf('a');
    for (let round = 0; round < 3; round += 1) {
      await pool.start();
      expect(await text(urls(pool)[0])).toBe('hello');
      await pool.stop();
    }
    expect(states(pool)).toEqual(['stopped']);
  });

  it('answers what is in flight before it resolves', async () => {
    const { handler, entered, release } = held('whole');
    const pool = opened.pool({ handlers: () => ({ default: handler }) });
    await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const answer = text(urls(pool)[0]);
    await entered.opened;
    const stopped = pool.stop();
    expect(states(pool)).toEqual(['draining']);
    release.open();
    expect(await answer).toBe('whole');
    expect(await stopped).toMatchObject([{ server: 'a', finished: 1, timedOut: false }]);
  });

  it('tells of a grace that ran out by the report, not by an error', async () => {
    const { handler, entered } = held('never');
    const pool = opened.pool({ handlers: () => ({ default: handler }) });
    await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const answer = failure(text(urls(pool)[0]));
    await entered.opened;
    const reports = await pool.stop({ timeout: '50ms' });
    expect(reports).toMatchObject([{ finished: 0, cut: { http1: 1 }, timedOut: true }]);
    expect(await answer).toMatchObject({ code: 'ECONNRESET' });
  });

  it('uses the grace of the config when none is given', async () => {
    const { handler, entered } = held('never');
    const pool = opened.pool({ handlers: () => ({ default: handler }) });
    const options = { name: 'a', listen: LOOPBACK, shutdown: { timeout: 40 } };
    await pool.storeNew(options, { start: true });
    const answer = failure(text(urls(pool)[0]));
    await entered.opened;
    const [report] = await pool.stop();
    expect(report?.timedOut).toBe(true);
    // Node counts the time of its timers in whole milliseconds: one may fire a part of one early.
    expect(report?.durationMs).toBeGreaterThanOrEqual(39);
    await answer;
  });

  it('refuses a timeout that is no duration', async () => {
    const pool = await poolOf('a', 'b');
    await pool.start();
    const error = await failure<PoolError>(pool.stop({ timeout: 'soon' }));
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_STOP);
    expect(error.message.match(/got the string 'soon', give a duration/g)).toHaveLength(1);
    expect([...pool].map(({ state }) => state)).toEqual(['running', 'running']);
    const [added] = await pool.apply([{ name: 'c', listen: LOOPBACK }]).then(() => [...pool]);
    expect(added?.isRunning()).toBe(true);
  });
});

describe('one server', () => {
  it('does nothing when it is started running, or stopped stopped', async () => {
    const server = opened.server({ name: 'a', listen: LOOPBACK });
    await server.stop();
    await server.start();
    const { url } = server;
    await server.start();
    expect(server.url).toBe(url);
    await server.stop();
    expect(await server.stop()).toMatchObject({ finished: 0, timedOut: false });
  });

  it('shares one promise between concurrent calls', async () => {
    const server = opened.server({ name: 'a', listen: LOOPBACK });
    const [first, second] = [server.start(), server.start()];
    expect(second).toBe(first);
    await first;
    const [stop, again] = [server.stop(), server.stop()];
    expect(again).toBe(stop);
    await stop;
  });

  it('is stopped when a stop meets its start', async () => {
    const tls = () => new Promise<never>(() => undefined);
    const options = { name: 'a', listen: LOOPBACK, tls: { inheritDefault: true } };
    const pool = opened.pool({ tls });
    const server = await pool.storeNew(options);
    const events = record(pool);
    const started = failure<ServerError>(server.start());
    expect(server.state).toBe('starting');
    await server.stop();
    expect(server.state).toBe('stopped');
    expect(events.map(({ state }) => state)).toEqual(['starting', 'stopped']);
    expect((await started).message).toContain("Server 'a' was stopped while it started");
    expect(server.isError()).toBe(false);
  });

  it('counts its uptime from its start', async () => {
    const server = opened.server({ name: 'a', listen: LOOPBACK });
    await server.start();
    const uptime = server.uptime();
    expect(uptime).toBeGreaterThan(0);
    await text(server.url);
    expect(server.uptime()).toBeGreaterThan(uptime);
    await server.stop();
    expect(server.uptime()).toBe(0);
  });

  it('shortens a stop under way when a second one grants less', async () => {
    const { handler, entered } = held('never');
    const server = opened.server(
      { name: 'a', listen: LOOPBACK },
      { handlers: () => ({ '': handler }) },
    );
    await server.start();
    const answer = failure(text(server.url));
    await entered.opened;
    const stopped = server.stop({ timeout: '1h' });
    void server.stop({ timeout: 0 });
    expect(await stopped).toMatchObject({ timedOut: true, cut: { http1: 1 } });
    await answer;
  });

  it('goes on serving for its shutdown delay, unless it is hurried', async () => {
    const options = { name: 'a', listen: LOOPBACK, shutdown: { delay: '1h' } };
    const server = opened.server(options, { handlers: () => ({ '': says('still here') }) });
    await server.start();
    const stopped = server.stop();
    expect(server.state).toBe('draining');
    const agent = keepAlive();
    opened.onClose(() => agent.destroy());
    const answer = await ask(server.url ?? '', { agent });
    expect([answer.body, answer.headers.connection]).toEqual(['still here', 'close']);
    void server.stop({ timeout: '5s' });
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
  });
});
