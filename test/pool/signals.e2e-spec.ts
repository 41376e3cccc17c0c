import { afterEach, describe, expect, it } from '@jest/globals';
import { PoolErrorCode, type Pool, type PoolError } from '../../lib/index.js';
import { failure, record, waitFor } from '../support/events.js';
import { held, Journal, LOOPBACK } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

describe('signals', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const states = (pool: Pool): string[] => [...pool].map(({ state }) => state);

  it.each(['start', 'restart'] as const)(
    '%s with an aborted signal rejects and starts nothing',
    async (operation) => {
      const pool = opened.pool();
      await pool.storeNew({ name: 'a', listen: LOOPBACK });
      const events = record(pool);
      const reason = new Error('not now');
      const error = await failure<PoolError>(
        pool[operation]({ signal: AbortSignal.abort(reason) }),
      );
      expect(error.code).toBe(
        operation === 'start' ? PoolErrorCode.ERR_POOL_START : PoolErrorCode.ERR_POOL_RESTART,
      );
      expect(error.cause).toBe(reason);
      expect(error.errors).toEqual([]);
      expect(states(pool)).toEqual(['stopped']);
      expect(events).toEqual([]);
    },
  );

  it('takes a start back that is aborted half way, and leaves alone what ran before', async () => {
    const controller = new AbortController();
    const pool = opened.pool({ tls: () => new Promise<never>(() => undefined) });
    await pool.storeNew({ name: 'before', listen: LOOPBACK }, { start: true });
    await pool.storeNew({ name: 'quick', listen: LOOPBACK });
    await pool.storeNew({ name: 'slow', listen: LOOPBACK, tls: { inheritDefault: true } });
    const quick = waitFor(pool, ({ server, state }) => server === 'quick' && state === 'running');
    const started = failure<PoolError>(pool.start({ signal: controller.signal }));
    await quick;
    const stopped = waitFor(pool, ({ server, state }) => server === 'quick' && state === 'stopped');
    controller.abort();
    const error = await started;
    await stopped;
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_START);
    expect(states(pool)).toEqual(['running', 'stopped', 'stopped']);
  });

  it('cuts what is left when the signal of a stop aborts', async () => {
    const { handler, entered } = held('never');
    const pool = opened.pool({ handlers: () => ({ default: handler }) });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const answer = failure(text(server.url));
    await entered.opened;
    const controller = new AbortController();
    const stopped = pool.stop({ signal: controller.signal, timeout: '1h' });
    controller.abort();
    expect(await stopped).toMatchObject([{ server: 'a', timedOut: true, cut: { http1: 1 } }]);
    await answer;
  });

  it('stops at once with a signal that is aborted already', async () => {
    const { handler, entered } = held('never');
    const pool = opened.pool({ handlers: () => ({ default: handler }) });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const answer = failure(text(server.url));
    await entered.opened;
    const reports = await pool.stop({ signal: AbortSignal.abort() });
    expect(reports).toMatchObject([{ timedOut: true }]);
    await answer;
  });

  it('stops every server gracefully when the parent signal of the pool aborts', async () => {
    const { handler, entered, release } = held('whole');
    const controller = new AbortController();
    const pool = opened.pool({
      signal: controller.signal,
      handlers: () => ({ default: handler }),
    });
    const a = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    await pool.storeNew({ name: 'b', listen: LOOPBACK }, { start: true });
    const answer = text(a.url);
    await entered.opened;
    const bStopped = waitFor(pool, ({ server, state }) => server === 'b' && state === 'stopped');
    const aStopped = waitFor(pool, ({ server, state }) => server === 'a' && state === 'stopped');
    controller.abort();
    expect(a.state).toBe('draining');
    await bStopped;
    release.open();
    expect(await answer).toBe('whole');
    expect((await aStopped).report).toMatchObject({ finished: 1, timedOut: false });
  });

  it('stops the servers that came after the pool was made', async () => {
    const controller = new AbortController();
    const pool = opened.pool({ signal: controller.signal });
    await pool.storeNew({ name: 'late', listen: LOOPBACK }, { start: true });
    const stopped = waitFor(pool, ({ state }) => state === 'stopped');
    controller.abort();
    await stopped;
    expect(pool.isRunning()).toBe(false);
  });

  it('stops one server whose own signal aborts', async () => {
    const controller = new AbortController();
    const logger = new Journal();
    const server = opened.server(
      { name: 'a', listen: LOOPBACK },
      { signal: controller.signal, logger },
    );
    await server.start();
    controller.abort();
    await server.stop();
    expect(server.state).toBe('stopped');
    expect(logger.matching(/draining/)).toHaveLength(1);
  });
});
