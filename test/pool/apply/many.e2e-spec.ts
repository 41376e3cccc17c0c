import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pool, PoolError, ServerOptions } from '../../../lib/index.js';
import { tls } from '../../support/certificates.js';
import { failure, record } from '../../support/events.js';
import { says } from '../../support/handlers.js';
import { text } from '../../support/http-client.js';
import { expectUnchanged, snapshot } from '../../support/snapshot.js';
import { RunningPools, on, states } from '../support/running-pools.js';

describe('apply with many changes at once', () => {
  const opened = new RunningPools({ default: says('ok'), second: says('second') });
  afterEach(() => opened.closeAll());

  it('does every kind of change in one call, and disturbs nobody else', async () => {
    const pool = await opened.started(
      on('keep'),
      on('live'),
      on('swap', { tls }),
      on('rebind'),
      on('enable', { disabled: true }),
      on('disable'),
      on('remove'),
    );
    const servers = new Map([...pool].map((server) => [server.name, server]));
    const clients = opened.steady(...['keep', 'live'].map((name) => servers.get(name)?.url ?? ''));
    await clients.more();
    const list = [
      on('keep'),
      on('live', { handlerKey: 'second' }),
      on('swap', { tls, protocol: 'http2' }),
      on('rebind', { listen: '127.0.0.2:0' }),
      on('enable'),
      on('disable', { disabled: true }),
      on('add'),
    ];
    const plan = await pool.apply(list);
    expect(plan).toMatchObject({
      keep: ['keep'],
      live: ['live', 'enable', 'disable'],
      swap: ['swap'],
      rebind: ['rebind'],
      add: ['add'],
      remove: ['remove'],
    });
    await clients.end();
    expect(clients.failures).toEqual([]);
    expect(clients.bodies).toEqual(new Set(['ok', 'second']));
    expect(states(pool)).toEqual([
      'keep running',
      'live running',
      'swap running',
      'rebind running',
      'enable running',
      'disable stopped',
      'add running',
    ]);
    for (const server of pool) {
      if (server.name !== 'add') expect(server).toBe(servers.get(server.name));
      if (server.isRunning()) expect(await text(server.url)).toMatch(/ok|second/);
    }
    expect((await pool.apply(list)).keep).toHaveLength(7);
  });

  it('changes every server within one turn, so that nobody sees half of it', async () => {
    const names = ['a', 'b', 'c'];
    const pool = await opened.started(...names.map((name) => on(name)));
    const seen: string[] = [];
    pool.events$.subscribe(() => {
      if (seen.length > 0) return;
      // Looked at from the next turn on, when the first event has been told.
      setImmediate(() => seen.push(...[...pool].map((server) => server.handlerKey())));
    });
    await pool.apply(names.map((name) => on(name, { handlerKey: 'second', protocol: 'http2' })));
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.slice(0, 3)).toEqual(['second', 'second', 'second']);
  });

  it('takes thousands of servers', async () => {
    const pool = opened.pool();
    const list = Array.from({ length: 1500 }, (_, at) => on(`s${at}`, { listen: `:${at + 2000}` }));
    expect((await pool.apply(list)).add).toHaveLength(1500);
    const changed = list.map((each, at) => (at === 7 ? { ...each, idleTimeout: '1s' } : each));
    expect((await pool.apply(changed)).live).toEqual(['s7']);
    expect((await pool.apply([])).remove).toHaveLength(1500);
  });

  describe('of a list that takes several turns of the event loop to read', () => {
    const list = (more: Partial<ServerOptions> = {}): ServerOptions[] =>
      Array.from({ length: 1500 }, (_, at) => on(`s${at}`, { listen: `:${at + 2000}`, ...more }));

    const stopped = async (): Promise<Pool> => {
      const pool = opened.pool();
      await pool.apply(list());
      return pool;
    };
    const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

    it('lets others have their turns', async () => {
      const pool = opened.pool();
      let turns = 0;
      let isOver = false;
      const applying = pool.apply(list(), { dryRun: true }).finally(() => (isOver = true));
      while (!isOver) {
        await nextTurn();
        turns += 1;
      }
      await applying;
      expect(turns).toBeGreaterThan(2);
    });

    it('comes after what is done to the pool meanwhile', async () => {
      const pool = await stopped();
      const applying = pool.apply(list({ idleTimeout: '2s' }));
      await nextTurn();
      const s1499 = pool.get('s1499');
      await Promise.all([
        pool.storeNew(on('new', { listen: ':1999' })),
        pool.delete(':2000'),
        pool.get('s1')?.setConfig(on('renamed', { listen: ':2001' })),
        s1499?.setConfig(on('s1499', { listen: ':3499', idleTimeout: '3s' })),
      ]);
      const plan = await applying;
      expect([...pool].map(({ config }) => config.idleTimeout)).toEqual(Array(1500).fill('2s'));
      expect(pool.get('s1499')).toBe(s1499);
      expect(plan.remove).toEqual(['new']);
      expect(plan.add).toEqual(['s0']);
      expect(plan.live).toHaveLength(1499);
    });

    it('is given up by a stop of the pool, and changes nothing', async () => {
      const pool = await stopped();
      const before = snapshot(pool);
      const applying = failure<PoolError>(pool.apply(list({ idleTimeout: '2s' })));
      await nextTurn();
      await pool.stop();
      expect((await applying).message).toMatch(/as before, the pool was stopped meanwhile/);
      expectUnchanged(pool, before);
    });

    it('has told of every change when it is over, and let others have their turns', async () => {
      const lines: string[] = [];
      const slow = (line: string): void => {
        const end = performance.now() + 0.02;
        while (performance.now() < end);
        lines.push(line);
      };
      const logger = { log: slow, warn: slow, error: slow };
      const pool = opened.pool({ logger });
      await pool.apply(list());
      const events = record(pool);
      let [told, turns, isOver] = [0, 0, false];
      const applying = pool
        .apply(list({ idleTimeout: '2s' }))
        .finally(() => ([told, isOver] = [lines.length, true]));
      while (!isOver) {
        await nextTurn();
        if (lines.length > 0) turns += 1;
      }
      await applying;
      expect(told).toBe(1500);
      expect(events).toHaveLength(1500);
      expect(turns).toBeGreaterThan(5);
    });

    it('queues calls, and tells of each fault in it', async () => {
      const pool = await stopped();
      const bad = list().map((each, at) => (at === 1499 ? { ...each, idleTimeout: 'soon' } : each));
      const [fault, plan] = await Promise.all([
        failure<PoolError>(pool.apply(bad)),
        pool.apply(list({ idleTimeout: '2s' })),
      ]);
      expect(fault.errors).toHaveLength(1);
      expect(fault.message).toMatch(/servers\[1499\]\.idleTimeout/);
      expect(plan.live).toHaveLength(1500);
    });
  });

  it('of a short list is in the order of the calls: what is called next comes after it', async () => {
    const pool = await opened.started(on('a'), on('b'));
    const a = pool.get('a');
    await Promise.all([
      pool.apply([on('a', { idleTimeout: '2s' }), on('b', { idleTimeout: '2s' })]),
      a?.setConfig(on('a', { idleTimeout: '3s' })),
    ]);
    expect([...pool].map(({ config }) => config.idleTimeout)).toEqual(['3s', '2s']);
  });

  it('of a short list is in the order of the calls, where many servers are asked for something in the same turn', async () => {
    const others = await opened.started(
      ...Array.from({ length: 40 }, (_, at) => on(`other-${at}`)),
    );
    const pool = await opened.started(on('a'), on('b'));
    const a = pool.get('a');
    await Promise.all([
      ...[...others].map((server) => server.restart()),
      pool.apply([on('a', { idleTimeout: '2s' }), on('b', { idleTimeout: '2s' })]),
      a?.setConfig(on('a', { idleTimeout: '3s' })),
    ]);
    expect([...pool].map(({ config }) => config.idleTimeout)).toEqual(['3s', '2s']);
  });
});
