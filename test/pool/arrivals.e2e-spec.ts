import { afterEach, describe, expect, it } from '@jest/globals';
import {
  isPortFree,
  PooledServer,
  type Pool,
  type PoolError,
  type ServerOptions,
} from '../../lib/index.js';
import { failure, gate, waitFor } from '../support/events.js';
import { freeListen } from '../support/free-port.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

/** Servers that come into a pool with a start that fails, when it is told to. */
const failures: readonly [
  string,
  () => Promise<{ pool: Pool; options: ServerOptions; fail: () => void }>,
][] = [
  [
    'whose address is taken',
    async () => {
      const { listen } = await opened.takenPort();
      return { pool: opened.pool(), options: { name: 'a', listen }, fail: () => undefined };
    },
  ],
  [
    'whose address is taken, and that is tried for once more',
    async () => {
      const { listen } = await opened.takenPort();
      const restart = { retries: 1, delay: 1, maxDelay: 1 };
      const options = { name: 'a', listen, restart };
      return { pool: opened.pool(), options, fail: () => undefined };
    },
  ],
  [
    'whose default TLS fails',
    async () => {
      const asked = gate();
      const pool = opened.pool({
        tls: async () => {
          await asked.opened;
          throw new Error('the vault is sealed');
        },
      });
      const listen = await freeListen();
      const options = { name: 'a', listen, tls: { inheritDefault: true } };
      return { pool, options, fail: asked.open };
    },
  ],
];

const told = (pool: Pool): string[] => [...pool].map(({ name, bind }) => `${name} ${bind}`);
const moved = { name: 'a', listen: LOOPBACK };

type Call = (pool: Pool, options: ServerOptions) => Promise<unknown>;

describe.each(failures)('a server %s', (_why, make) => {
  const calls: readonly [string, Call, (listen: string) => string[]][] = [
    ['apply of it', (pool, a) => pool.apply([a]), (listen) => [`a ${listen}`]],
    ['apply of one of its name', (pool) => pool.apply([moved]), () => [`a ${LOOPBACK}`]],
    [
      'apply of one on its address',
      (pool, a) => pool.apply([{ name: 'b', listen: a.listen }]),
      (listen) => [`b ${listen}`],
    ],
    ['apply of a view', (pool) => pool.filter('name', 'a').apply([moved]), () => [`a ${LOOPBACK}`]],
    ['apply of an empty list', (pool) => pool.apply([]), () => []],
    ['a dry run', (pool, a) => pool.apply([a], { dryRun: true }), () => []],
    [
      'merge of a pool with one on its address',
      async (pool, { listen }) => {
        const b = PooledServer.create({ name: 'b', listen });
        await pool.merge(opened.pool({ servers: [b] }));
      },
      (listen) => [`b ${listen}`],
    ],
    [
      'store of another on its address',
      (pool, { listen }) => pool.store(PooledServer.create({ name: 'b', listen })),
      (listen) => [`b ${listen}`],
    ],
    [
      'store of it',
      async (pool) => pool.store(pool.get('a') as PooledServer),
      (listen) => [`a ${listen}`],
    ],
    ['delete', (pool, { listen }) => pool.delete(listen), () => []],
    ['a stop', async (pool) => pool.get('a')?.stop(), () => []],
  ];

  it.each(calls)('and %s meanwhile: one comes after the other', async (_what, call, left) => {
    const { pool, options, fail } = await make();
    const stored = Promise.allSettled([pool.storeNew(options, { start: true })]);
    const a = opened.addServer(pool.get('a') as PooledServer);
    const called = call(pool, options);
    fail();
    await called;
    const [{ status }] = await stored;
    expect(told(pool)).toEqual(left(options.listen));
    if (status === 'rejected') expect(a.address).toBeUndefined();
  });

  it('and setConfig meanwhile: it is there if it could start', async () => {
    const { pool, options, fail } = await make();
    const stored = Promise.allSettled([pool.storeNew(options, { start: true })]);
    const a = opened.addServer(pool.get('a') as PooledServer);
    const changed = a.setConfig({ ...moved, name: 'c' });
    fail();
    await changed;
    const [{ status }] = await stored;
    expect(told(pool)).toEqual(status === 'fulfilled' ? [`c ${LOOPBACK}`] : []);
    expect(a.state).toBe(status === 'fulfilled' ? 'running' : 'stopped');
  });

  it('is not there after a list that fails as well', async () => {
    const { pool, options, fail } = await make();
    const { listen } = await opened.takenPort();
    await pool.storeNew({ name: 'other', listen: LOOPBACK }, { start: true });
    const stored = failure(pool.storeNew(options, { start: true }));
    const a = opened.addServer(pool.get('a') as PooledServer);
    const other = { name: 'other', listen: LOOPBACK };
    const applied = failure<PoolError>(pool.apply([other, options, { name: 'bad', listen }]));
    fail();
    await stored;
    expect((await applied).code).toBe('ERR_POOL_START');
    expect([told(pool), a.state]).toEqual([[`other ${LOOPBACK}`], 'stopped']);
  });
});

it('is kept by a list only if it can start, where the pool is on', async () => {
  const { listen, free } = await opened.takenPort();
  const pool = opened.pool();
  const [other, a] = [
    { name: 'other', listen: LOOPBACK },
    { name: 'a', listen },
  ];
  await pool.apply([other]);
  await pool.start();
  const stored = failure(pool.storeNew(a, { start: true }));
  const applied = failure<PoolError>(pool.apply([other, a]));
  await stored;
  expect((await applied).errors).toMatchObject([{ server: 'a', code: 'ERR_SERVER_PORT_IN_USE' }]);
  expect(told(pool)).toEqual([`other ${LOOPBACK}`]);
  await free();
  await Promise.all([pool.storeNew(a, { start: true }), pool.apply([other, a])]);
  expect([...pool].map(({ name, state }) => `${name} ${state}`)).toEqual([
    'other running',
    'a running',
  ]);
});

it('is not there after a list that could start it, and was taken back', async () => {
  const { port, listen, free } = await opened.takenPort();
  const pool = opened.pool({
    handlers: () => ({
      default: (_request, response) => {
        response.statusCode = 500;
        response.end();
      },
    }),
  });
  const failed = waitFor(pool, ({ state }) => state === 'failed').then(free);
  const b = await pool.storeNew({ name: 'b', listen: LOOPBACK }, { start: true });
  const ill: ServerOptions = { name: 'a', listen, monitor: { path: '/' } };
  const stored = failure(pool.storeNew(ill, { start: true }));
  const { message } = await failure<PoolError>(pool.apply([ill, b.config], { probation: '1h' }));
  await Promise.all([failed, stored]);
  expect(message).toMatch(/^The pool is as before, 1 server did not stay healthy/);
  expect([...pool]).toEqual([b]);
  expect(await isPortFree(`127.0.0.1:${port}`)).toBe(true);
});
