import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledServer, type Pool, type PoolPlan, type ServerOptions } from '../../../lib/index.js';
import { freeListen } from '../../support/free-port.js';
import { held } from '../../support/handlers.js';
import { text } from '../../support/http-client.js';
import { Opened } from '../../support/opened.js';
import { get, states } from '../support/running-pools.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

/** A pool of one server, and what is under way with it. */
interface Busy {
  readonly pool: Pool;
  readonly options: ServerOptions;
  /** Lets what is under way come to its end. */
  finish(): Promise<unknown>;
}

/** As they are in the user's file: what a server gives as its config is read anew. */
const plain = async (): Promise<ServerOptions> => ({ name: 'a', listen: await freeListen() });

const moments: readonly [string, () => Promise<Busy>, string][] = [
  [
    'runs',
    async () => {
      const pool = opened.pool();
      const options = await plain();
      await pool.storeNew(options);
      await pool.start();
      return { pool, options, finish: async () => undefined };
    },
    'running',
  ],
  [
    'starts',
    async () => {
      const pool = opened.pool();
      const options = await plain();
      await pool.storeNew(options);
      const started = pool.start();
      expect(get(pool, 'a').isStarting).toBe(true);
      return { pool, options, finish: () => started };
    },
    'running',
  ],
  [
    'drains',
    async () => {
      const { handler, entered, release } = held('late');
      const pool = opened.pool({ handlers: () => ({ default: handler }) });
      const options = await plain();
      const a = await pool.storeNew(options, { start: true });
      const answer = text(a.url);
      await entered.opened;
      const stopped = a.stop();
      expect(a.state).toBe('draining');
      const finish = (): Promise<unknown> => {
        release.open();
        return Promise.all([stopped, answer]);
      };
      return { pool, options, finish };
    },
    'stopped',
  ],
  [
    'is stopped',
    async () => {
      const pool = opened.pool();
      const options = await plain();
      await pool.storeNew(options);
      return { pool, options, finish: async () => undefined };
    },
    'stopped',
  ],
];

type Call = (pool: Pool, options: ServerOptions) => Promise<unknown>;

const other = { name: 'b', readTimeout: 7777 };
const changes: readonly [string, Call][] = [
  ['setConfig', (pool, a) => get(pool, 'a').setConfig({ ...a, readTimeout: 7777 })],
  ['setConfig with another name', (pool, a) => get(pool, 'a').setConfig({ ...a, ...other })],
  ['merge', (pool, a) => get(pool, 'a').merge(PooledServer.create({ ...a, ...other }))],
  [
    'merge of a pool',
    (pool, a) => pool.merge(opened.pool({ servers: [PooledServer.create({ ...a, ...other })] })),
  ],
  ['apply', (pool, a) => pool.apply([{ ...a, ...other }])],
  ['storeNew', (pool, a) => pool.storeNew({ ...a, ...other })],
  ['storeNew with its name', (pool, a) => pool.storeNew({ ...a, readTimeout: 7777 })],
  [
    'store in a view',
    (pool, a) => pool.filter('name', 'a').store(PooledServer.create({ ...a, ...other })),
  ],
];

describe.each(moments)('a server that %s', (_when, begin, state) => {
  it.each(changes)(
    'and is changed by %s is as the list that is applied next',
    async (_by, call) => {
      const { pool, options: a, finish } = await begin();
      const server = get(pool, 'a');
      const changed = call(pool, a);
      const applied = pool.apply([a]);
      const done = finish();
      await Promise.all([changed, applied, done]);
      expect(states(pool)).toEqual([`a ${state}`]);
      expect(get(pool, 'a').config).toMatchObject(a);
      expect(get(pool, 'a').config.readTimeout).toBeUndefined();
      expect((await pool.apply([a])).keep).toEqual(['a']);
      await server.stop();
    },
  );

  it.each(changes)('and is changed by %s is gone with a list without it', async (_by, call) => {
    const { pool, options: a, finish } = await begin();
    const server = get(pool, 'a');
    const changed = call(pool, a);
    const applied = pool.apply([]);
    const done = finish();
    await Promise.all([changed, applied, done]);
    expect([...pool]).toEqual([]);
    expect(server.state).toBe('stopped');
  });

  it.each(changes)('and is changed by %s: a dry run tells what comes next', async (_by, call) => {
    const { pool, options: a, finish } = await begin();
    const changed = call(pool, a);
    const planned = pool.apply([a], { dryRun: true });
    const done = finish();
    const [plan] = (await Promise.all([planned, changed, done])) as [PoolPlan, unknown, unknown];
    expect(plan.live).toEqual(['a']);
    expect(await pool.apply([a])).toEqual(plan);
  });
});
