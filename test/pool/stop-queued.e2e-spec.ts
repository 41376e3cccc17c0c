import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledServer, type Pool } from '../../lib/index.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const a = { name: 'a', listen: LOOPBACK };

describe('what was asked for before a stop of the pool', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const states = (pool: Pool): string[] => [...pool].map(({ state }) => state);

  it('is done before it: a start behind a change', async () => {
    const pool = opened.pool();
    const server = await pool.storeNew(a);
    const calls = [server.setConfig({ ...a, readTimeout: '7s' }), server.start(), pool.stop()];
    await Promise.allSettled(calls);
    expect(states(pool)).toEqual(['stopped']);
  });

  it('is done before it: a start of the pool behind an apply', async () => {
    const pool = opened.pool();
    await pool.storeNew(a);
    const calls = [pool.apply([{ ...a, readTimeout: '3s' }]), pool.start(), pool.stop()];
    await Promise.allSettled(calls);
    expect(states(pool)).toEqual(['stopped']);
  });

  it('is done before it: a hand-over', async () => {
    const { listen, free } = await opened.takenPort();
    await free();
    const pool = opened.pool();
    await pool.storeNew({ ...a, listen }, { start: true });
    const next = opened.addServer(PooledServer.create({ name: 'next', listen }));
    await Promise.allSettled([pool.store(next), pool.stop()]);
    expect([next.state, next.address]).toEqual(['stopped', undefined]);
  });

  it('is done before it: a new server that takes over an address', async () => {
    const { listen, free } = await opened.takenPort();
    await free();
    const pool = opened.pool();
    await pool.storeNew({ ...a, listen }, { start: true });
    const next = pool.storeNew({ name: 'next', listen }, { start: true });
    await Promise.allSettled([next, pool.stop()]);
    expect(states(pool)).toEqual(['stopped']);
  });

  it('is done before an apply, which finds what it has made', async () => {
    const pool = opened.pool();
    const server = await pool.storeNew({ ...a, idleTimeout: 5000 }, { start: true });
    const changed = server.setConfig({ ...a, idleTimeout: 9000 });
    await Promise.all([changed, pool.apply([{ ...a, idleTimeout: 5000 }])]);
    expect(server.config.idleTimeout).toBe(5000);
  });
});
