import { afterEach, describe, expect, it } from '@jest/globals';
import { PoolErrorCode, type PoolError } from '../../../lib/index.js';
import { failure } from '../../support/events.js';
import { freeListen } from '../../support/free-port.js';
import { text } from '../../support/http-client.js';
import { refusal } from '../../support/raw-client.js';
import { HeldStagings, late } from '../support/held-staging.js';
import { get, on, states } from '../support/running-pools.js';

describe('apply with other calls at once', () => {
  const opened = new HeldStagings();
  afterEach(() => opened.closeAll());

  it('queues calls of apply, and each sees what the one before it did', async () => {
    const { pool } = await opened.started(on('a'));
    const plans = await Promise.all([
      pool.apply([on('a'), on('b')]),
      pool.apply([on('a'), on('b'), on('c')]),
      pool.apply([on('b', { handlerKey: 'second' })]),
      pool.apply([on('b', { handlerKey: 'second' })], { dryRun: true }),
    ]);
    expect(plans).toMatchObject([
      { keep: ['a'], add: ['b'] },
      { keep: ['a', 'b'], add: ['c'] },
      { live: ['b'], remove: ['a', 'c'] },
      { keep: ['b'], remove: [] },
    ]);
    expect(states(pool)).toEqual(['b running']);
  });

  it('goes on with the next call after one that failed', async () => {
    const { pool } = await opened.started(on('a'));
    const { listen } = await opened.takenPort();
    const [bad, worse, good] = await Promise.allSettled([
      pool.apply([on('bad', { listen })]),
      pool.apply('nonsense' as never),
      pool.apply([on('a'), on('b')]),
    ]);
    expect([bad.status, worse.status, good.status]).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(states(pool)).toEqual(['a running', 'b running']);
  });

  it('is given up by a stop of the pool, which waits for that and leaves nothing bound', async () => {
    const { pool, staging } = await opened.started(on('a'));
    const { url } = get(pool, 'a');
    const added = await freeListen();
    const applied = failure<PoolError>(
      pool.apply([on('a', { protocol: 'http2' }), on('b', { listen: added }), late]),
    );
    await staging.opened;
    await pool.stop();
    expect(states(pool)).toEqual(['a stopped']);
    expect(await refusal(url ?? '')).toBe('ECONNREFUSED');
    expect(await refusal(`http://${added}`)).toBe('ECONNREFUSED');
    const error = await applied;
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_START);
    expect(error.message).toMatch(/the pool was stopped meanwhile/);
    expect(get(pool, 'a').config.protocol).toBeUndefined();
    await pool.start();
    expect(await text(get(pool, 'a').url)).toBe('first');
  });

  it.each(['stop first', 'apply first'])('ends stopped: %s, in one turn', async (order) => {
    const { pool } = await opened.started(on('a'), on('b', { shutdown: { last: true } }));
    const list = [on('a', { protocol: 'http2' }), on('new')];
    const calls = [(): Promise<unknown> => pool.stop(), (): Promise<unknown> => pool.apply(list)];
    if (order === 'apply first') calls.reverse();
    await Promise.allSettled(calls.map((call) => call()));
    expect([...pool].every(({ state }) => state === 'stopped')).toBe(true);
    expect(pool.isRunning()).toBe(false);
    // As the list says or as before, and no mixture.
    expect([['a', 'new'].join(), ['a', 'b'].join()]).toContain(
      [...pool].map(({ name }) => name).join(),
    );
  });

  it('starts what it adds when the pool is started while it is staged', async () => {
    const { pool, staging, release } = await opened.started();
    await pool.stop();
    const applied = pool.apply([on('a'), late]);
    const start = pool.start();
    release.open();
    await Promise.all([applied, start]);
    await staging.opened;
    expect(states(pool)).toEqual(['a running', 'late running']);
  });

  it('goes with a restart of the pool: both are done, one after the other', async () => {
    const { pool } = await opened.started(on('a'), on('b'));
    const [plan] = await Promise.all([
      pool.apply([on('a', { handlerKey: 'second' }), on('b'), on('c')]),
      pool.restart(),
    ]);
    expect(plan).toMatchObject({ live: ['a'], add: ['c'] });
    expect(states(pool)).toEqual(['a running', 'b running', 'c running']);
    expect(await text(get(pool, 'a').url)).toBe('second');
  });
});
