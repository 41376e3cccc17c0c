import { afterEach, describe, expect, it } from '@jest/globals';
import type { DrainReport, Pool, ServerOptions } from '../../lib/index.js';
import { failure, waitFor } from '../support/events.js';
import { held, LOOPBACK } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const delayed = { shutdown: { delay: '1h', timeout: '1h' } };
const lastDelayed = { shutdown: { ...delayed.shutdown, last: true } };

const started = async (...list: Partial<ServerOptions>[]) => {
  const { handler, entered, release } = held('late');
  const pool = opened.pool({ handlers: () => ({ default: handler }) });
  for (const [at, options] of list.entries()) {
    await pool.storeNew({ name: `s${at}`, listen: LOOPBACK, ...options });
  }
  await pool.start();
  return { pool, entered, release };
};

const states = (pool: Pool): string[] => [...pool].map(({ state }) => state);

/** How the signal of a stop comes to abort. */
type Abort = (pool: Pool, stop: (signal: AbortSignal) => Promise<DrainReport[]>) => Promise<void>;

const before: Abort = async (_pool, stop) => void (await stop(AbortSignal.abort()));
const during: Abort = async (pool, stop) => {
  const controller = new AbortController();
  const stopping = stop(controller.signal);
  if (!states(pool).includes('draining')) {
    await waitFor(pool, ({ state }) => state === 'draining');
  }
  controller.abort();
  await stopping;
};
const behindOthers: Abort = async (_pool, stop) => {
  const controller = new AbortController();
  const stopping = stop(controller.signal);
  controller.abort();
  await stopping;
};
/** A stop that nobody is in a hurry with has begun before. */
const joining: Abort = async (pool, stop) => {
  const first = pool.stop();
  await stop(AbortSignal.abort());
  await first;
};

describe('the signal of a stop that aborts', () => {
  const moments = { before, during, 'in the turn of the call': behindOthers, joining };
  const kinds = { 'a server': [delayed], 'one that stops last': [{}, lastDelayed] };
  const rows = Object.entries(moments).flatMap(([moment, abort]) =>
    Object.entries(kinds).map(([kind, list]) => [moment, kind, abort, list] as const),
  );

  it.each(rows)('%s: %s waits for no delay', async (_moment, _kind, abort, list) => {
    const { pool } = await started(...list);
    await abort(pool, (signal) => pool.stop({ signal }));
    expect(states(pool)).toEqual(list.map(() => 'stopped'));
  });

  it('before: a view waits for no delay', async () => {
    const { pool } = await started(delayed, {});
    await pool.filter('name', 's0').stop({ signal: AbortSignal.abort() });
    expect(states(pool)).toEqual(['stopped', 'running']);
  });

  it('before: more servers than begin in one turn wait for no delay', async () => {
    const { pool } = await started(...Array.from({ length: 20 }, () => delayed));
    await pool.stop({ signal: AbortSignal.abort() });
    expect(new Set(states(pool))).toEqual(new Set(['stopped']));
  });

  it('while the others drain: the one that stops last waits for no delay', async () => {
    const { pool, entered } = await started({ shutdown: { timeout: '1h' } }, lastDelayed);
    const answer = failure(text(pool.get('s0')?.url));
    await entered.opened;
    const controller = new AbortController();
    const stopped = pool.stop({ signal: controller.signal });
    expect(states(pool)).toEqual(['draining', 'running']);
    controller.abort();
    expect(await stopped).toMatchObject([{ server: 's0', timedOut: true }, { server: 's1' }]);
    await answer;
  });
});

it('a stop with a timeout of 0 and no hurry keeps the delay, and cuts what is left after it', async () => {
  const { pool, entered } = await started({ shutdown: { delay: 50, timeout: '1h' } });
  const answer = failure(text(pool.get('s0')?.url));
  await entered.opened;
  const [report] = await pool.stop({ timeout: 0 });
  expect(report).toMatchObject({ timedOut: true, cut: { http1: 1 } });
  // Node counts the time of its timers in whole milliseconds.
  expect(report?.durationMs).toBeGreaterThanOrEqual(49);
  await answer;
});
