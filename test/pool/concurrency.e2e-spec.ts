import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PooledServer, type Pool } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { gate, record } from '../support/events.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { refusal } from '../support/raw-client.js';

const settled = ['stopped', 'running', 'failed'];

describe('calls made at once', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const poolOf = async (count: number): Promise<Pool> => {
    const pool = opened.pool({ handlers: () => ({ default: says('hello') }) });
    for (let index = 0; index < count; index += 1) {
      await pool.storeNew({ name: `s${index}`, listen: LOOPBACK });
    }
    return pool;
  };

  /** What it says it is, it is. */
  const expectTruth = async (server: PooledServer): Promise<void> => {
    expect(settled).toContain(server.state);
    expect(server.address !== undefined).toBe(server.isRunning());
    if (server.isRunning()) expect(await text(server.url)).toBe('hello');
  };

  it('end as the last one says: start and stop', async () => {
    const pool = await poolOf(3);
    await Promise.allSettled([pool.start(), pool.stop(), pool.start()]);
    expect([...pool].map(({ state }) => state)).toEqual(Array(3).fill('running'));
    await Promise.allSettled([pool.stop(), pool.start(), pool.stop()]);
    const servers = [...pool];
    await Promise.all(servers.map((server) => server.stop()));
    expect(servers.map(({ state }) => state)).toEqual(Array(3).fill('stopped'));
  });

  it('leave who awaits one of them the state that it has made, whatever comes next', async () => {
    const pool = await poolOf(1);
    const [server] = [...pool] as [PooledServer];
    const started = server.start();
    const changed = server.setConfig({ name: 's0', listen: LOOPBACK, maxHandlers: 5 });
    await started;
    expect(server.state).toBe('running');
    await changed;
    const stopped = server.stop();
    const startedAgain = server.start();
    await stopped;
    expect(server.state).toBe('stopped');
    await startedAgain;
    expect(server.state).toBe('running');
  });

  it('end in one defined state: everything on one server', async () => {
    const pool = await poolOf(1);
    const [server] = [...pool] as [PooledServer];
    const moved = { name: 's0', listen: LOOPBACK, maxHandlers: 5 };
    const outcomes = await Promise.allSettled([
      server.start(),
      server.restart(),
      server.setConfig(moved),
      server.stop(),
      server.start(),
      server.setConfig({ ...moved, protocol: 'http2' }),
      server.restart(),
      server.setConfig(moved),
    ]);
    expect(outcomes.map(({ status }) => status)).toContain('fulfilled');
    expect(server.state).toBe('running');
    expect(server.config.maxHandlers).toBe(5);
    await expectTruth(server);
  });

  it('end in one defined state: everything on a pool', async () => {
    const pool = await poolOf(5);
    const names = record(pool);
    const first = pool.get('s0') as PooledServer;
    await Promise.allSettled([
      pool.start(),
      pool.restart({ concurrency: 5 }),
      pool.storeNew({ name: 'new', listen: LOOPBACK }, { start: true }),
      pool.storeNew({ name: 'new', listen: LOOPBACK }, { start: true }),
      pool.get('s1')?.setConfig({ name: 'renamed', listen: LOOPBACK }),
      pool.delete(LOOPBACK),
      pool.stop(),
      pool.start(),
      pool.merge(pool.clone()),
      pool.monitor(),
    ]);
    await pool.start();
    expect(pool.get('s0')).toBeUndefined();
    expect(first.state).toBe('stopped');
    expect(pool.get('renamed')).toBeDefined();
    expect([...pool].filter(({ name }) => name === 'new')).toHaveLength(1);
    expect(pool.len()).toBe(new Set([...pool].map(({ name }) => name)).size);
    for (const server of pool) await expectTruth(server);
    expect(names.length).toBeGreaterThan(0);
    const urls = [...pool].map(({ url = '' }) => url);
    await pool.stop();
    expect(await Promise.all(urls.map(refusal))).toEqual(urls.map(() => 'ECONNREFUSED'));
  });

  it('store on one address: one of them is in the pool and runs', async () => {
    const pool = await poolOf(0);
    const { listen, free } = await opened.takenPort();
    await free();
    await pool.storeNew({ name: 'first', listen }, { start: true });
    const names = ['a', 'b', 'c', 'd'];
    const events = record(pool);
    const servers = names.map((name) => PooledServer.create({ name, listen }));
    for (const server of servers) opened.addServer(server);
    await Promise.allSettled(servers.map((server) => pool.store(server)));
    expect(pool.len()).toBe(1);
    const [server] = [...pool] as [PooledServer];
    expect(names).toContain(server.name);
    expect(server.isRunning()).toBe(true);
    await expectTruth(server);
    // The others have left the pool, and nothing of them is left behind.
    await pool.stop();
    expect(await refusal(`http://${listen}`)).toBe('ECONNREFUSED');
    const last = new Map(events.map((event) => [event.server, event.state]));
    expect([...last.values()]).toEqual([...last.keys()].map(() => 'stopped'));
  });

  it('delete meets a hand-over that waits: nobody listens any more', async () => {
    const secrets = gate<object>();
    let certificates: object | Promise<object> = tls;
    const pool = opened.pool({ tls: () => certificates });
    const { listen, free } = await opened.takenPort();
    await free();
    const options = { listen, tls: { inheritDefault: true } };
    const old = await pool.storeNew({ name: 'old', ...options }, { start: true });
    certificates = secrets.opened;
    const restarted = old.restart();
    const next = PooledServer.create({ name: 'next', listen });
    opened.addServer(next);
    const stored = pool.store(next);
    const deleted = pool.delete(listen);
    secrets.open(tls);
    await Promise.allSettled([restarted, stored, deleted]);
    await old.stop();
    expect(pool.len()).toBe(0);
    expect([old.state, next.state]).toEqual(['stopped', 'stopped']);
    expect(await refusal(`http://${listen}`)).toBe('ECONNREFUSED');
  });

  it.each([
    ['delete', (pool: Pool) => pool.delete(LOOPBACK)],
    ['clean', (pool: Pool) => pool.clean()],
  ])(
    '%s meets an addition that is to start: nothing runs outside the pool',
    async (_how, remove) => {
      const pool = opened.pool();
      const added = pool.storeNew({ name: 'new', listen: LOOPBACK }, { start: true });
      const server = pool.get('new') as PooledServer;
      opened.addServer(server);
      await Promise.allSettled([added, remove(pool)]);
      expect(pool.len()).toBe(0);
      expect([server.state, server.address]).toEqual(['stopped', undefined]);
    },
  );

  it('delete meets a rolling restart: what was deleted is not started again', async () => {
    const pool = await poolOf(3);
    await pool.start();
    const servers = [...pool];
    servers.forEach((server) => opened.addServer(server));
    const restarted = pool.restart();
    const deleted = Promise.all(servers.map(() => pool.delete(LOOPBACK)));
    await Promise.allSettled([restarted, deleted]);
    expect(pool.len()).toBe(0);
    expect(servers.map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
  });

  it('stop meets a rolling restart: what was stopped stays so', async () => {
    const pool = await poolOf(3);
    await pool.start();
    const restarted = pool.restart();
    await Promise.allSettled([pool.stop(), restarted]);
    expect([...pool].map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
  });

  it('delete one address: one of them does', async () => {
    const pool = await poolOf(1);
    await pool.start();
    const server = pool.load(LOOPBACK);
    const deleted = await Promise.all([pool.delete(LOOPBACK), pool.delete(LOOPBACK)]);
    expect(deleted.filter(Boolean)).toHaveLength(1);
    expect(server?.state).toBe('stopped');
  });

  it('end in one defined state in any order', async () => {
    const operations = {
      start: (pool: Pool) => pool.start(),
      stop: (pool: Pool) => pool.stop({ timeout: 0 }),
      restart: (pool: Pool) => pool.restart({ concurrency: 2 }),
      live: (pool: Pool) =>
        pool.get('s0')?.setConfig({ name: 's0', listen: LOOPBACK, maxHandlers: 9 }),
      swap: (pool: Pool) =>
        pool.get('s0')?.setConfig({ name: 's0', listen: LOOPBACK, maxConcurrentStreams: 9 }),
      rebind: (pool: Pool) => pool.get('s1')?.setConfig({ name: 's1', listen: '[::1]:0' }),
      add: (pool: Pool) => pool.storeNew({ name: 'new', listen: LOOPBACK }, { start: true }),
      delete: (pool: Pool) => pool.delete(LOOPBACK),
      handler: async (pool: Pool) => pool.handler(() => ({ default: says('hello') })),
    };
    const kinds = Object.keys(operations) as (keyof typeof operations)[];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...kinds), { maxLength: 12 }), async (order) => {
        const pool = await poolOf(2);
        await Promise.allSettled(order.map(async (kind) => operations[kind](pool)));
        for (const server of pool) await expectTruth(server);
        await pool.start();
        for (const server of pool) expect(server.isRunning()).toBe(true);
        const servers = [...pool];
        await pool.clean();
        expect(servers.every(({ state }) => state === 'stopped')).toBe(true);
      }),
      { numRuns: 40 },
    );
  }, 30_000);

  it('two changes of config to one name: one is taken, the other is refused and changes nothing', async () => {
    const pool = await poolOf(2);
    const [first, second] = [...pool] as [PooledServer, PooledServer];
    const before = [first.name, second.name];
    const outcomes = await Promise.allSettled(
      [first, second].map((server) => server.setConfig({ ...server.config, name: 'wanted' })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const names = [...pool].map(({ name }) => name);
    expect(names.filter((name) => name === 'wanted')).toHaveLength(1);
    expect(names.filter((name) => before.includes(name))).toHaveLength(1);
  });
});
