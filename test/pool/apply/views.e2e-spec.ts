import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pool, PoolError, PooledServer, ServerOptions } from '../../../lib/index.js';
import { failure } from '../../support/events.js';
import { freeListen } from '../../support/free-port.js';
import { says } from '../../support/handlers.js';
import { expectUnchanged, snapshot } from '../../support/snapshot.js';
import { on, RunningPools } from '../support/running-pools.js';

describe('apply beside servers that it is not for', () => {
  const opened = new RunningPools({ default: says('first'), second: says('second') });
  afterEach(() => opened.closeAll());

  /** A view of `api-1`, and the address of `admin`, which it does not show. */
  const viewed = async (): Promise<{ pool: Pool; view: Pool; taken: string }> => {
    const taken = await freeListen();
    const pool = await opened.started(on('api-1'), on('admin', { listen: taken }));
    return { pool, view: pool.filter('name', undefined, '^api'), taken };
  };
  const overlapping = (listen: string): string => listen.replace('127.0.0.1', '0.0.0.0');

  it.each<[string, (taken: string) => ServerOptions[], string]>([
    ['the name', () => [on('api-1'), on('admin')], "'admin' is already the name"],
    [
      'the name, instead of its own server',
      () => [on('admin', { handlerKey: 'second' })],
      "'admin' is already the name",
    ],
    [
      'the address',
      (listen) => [on('api-1', { listen })],
      "is already the bind address of server 'admin'",
    ],
    [
      'the address, for another one',
      (listen) => [on('api-1'), on('api-2', { listen })],
      "is already the bind address of server 'admin'",
    ],
    [
      'an address over the one',
      (taken) => [on('api-1', { listen: overlapping(taken) })],
      "the bind address of server 'admin'",
    ],
    [
      'all',
      (listen) => [on('api-1'), on('admin', { listen })],
      "'admin' is already the name of another server",
    ],
  ])(
    'refuses %s of a server that the view does not show, as its dry run does',
    async (_what, listOf, why) => {
      const { pool, view, taken } = await viewed();
      const list = listOf(taken);
      const was = snapshot(pool);
      const real = await failure<PoolError>(view.apply(list));
      const dry = await failure<PoolError>(view.apply(list, { dryRun: true }));
      expect(real).toMatchObject({ code: 'ERR_POOL_VALIDATE', errors: [{ name: 'ServerError' }] });
      expect(real.message).toContain(why);
      expect([dry.code, dry.message]).toEqual([real.code, real.message]);
      expectUnchanged(pool, was);
    },
  );

  it('gives to one what another server that it shows leaves', async () => {
    const taken = await freeListen();
    const pool = await opened.started(on('api-1', { listen: taken }), on('api-2'), on('admin'));
    const view = pool.filter('name', undefined, '^api');
    const list = [on('api-2', { listen: taken })];
    const dry = await view.apply(list, { dryRun: true });
    expect(dry).toMatchObject({ rebind: ['api-2'], remove: ['api-1'] });
    expect(await view.apply(list)).toEqual(dry);
    expect([...pool].map(({ name }) => name)).toEqual(['api-2', 'admin']);
  });

  it.each<[string, (mine: string, theirs: string) => ServerOptions]>([
    ['name', (mine) => on('b', { listen: mine })],
    ['address', (_mine, theirs) => on('a', { listen: theirs })],
  ])('refuses, dry as well, the %s of a server in another pool of one', async (_what, change) => {
    const [mine, theirs] = [await freeListen(), await freeListen()];
    const pool = await opened.started(on('a', { listen: mine }));
    const other = opened.pool();
    await other.store(pool.get('a') as PooledServer);
    await other.storeNew(on('b', { listen: theirs }));
    const list = [change(mine, theirs)];
    const dry = await failure<PoolError>(pool.apply(list, { dryRun: true }));
    const real = await failure<PoolError>(pool.apply(list));
    expect(real.code).toBe('ERR_POOL_VALIDATE');
    expect([dry.code, dry.message]).toEqual([real.code, real.message]);
  });
});
