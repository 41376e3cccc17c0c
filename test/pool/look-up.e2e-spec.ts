import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pool, PooledServer } from '../../lib/index.js';
import { failure } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { HeldStagings, late } from './support/held-staging.js';
import { on } from './support/running-pools.js';

describe('looking a server up', () => {
  const opened = new HeldStagings();
  afterEach(() => opened.closeAll());

  const poolOf = async (...listens: string[]): Promise<Pool> => {
    const pool = opened.pool();
    for (const [index, listen] of listens.entries()) {
      await pool.storeNew({ name: `server-${index}`, listen });
    }
    return pool;
  };

  it.each([
    [':8080', '[::]:8080'],
    [':8080', '*:8080'],
    ['[::]:8080', ':8080'],
    ['[::1]:8080', '[0:0:0:0:0:0:0:1]:8080'],
    ['127.0.0.1:8080', '127.0.0.1:08080'],
    ['LOCALHOST:8080', 'localhost:8080'],
    ['unix:/run/a.sock', 'unix:/run/x/../a.sock'],
    ['fd:3', 'fd:3'],
  ])('finds %s by the spelling %s', async (listen, spelling) => {
    const pool = await poolOf('127.0.0.1:9999', listen);
    expect(pool.has(spelling)).toBe(true);
    expect(pool.load(spelling)).toBe(pool.get('server-1'));
  });

  it.each(['', 'nonsense', '127.0.0.1:70000', '127.0.0.1:1', '0.0.0.0:8080'])(
    'finds nothing at %p',
    async (bind) => {
      const pool = await poolOf('127.0.0.1:8080');
      expect(pool.has(bind)).toBe(false);
      expect(pool.load(bind)).toBeUndefined();
    },
  );

  it('finds a port-0 server by its real address for as long as it is bound', async () => {
    const pool = await poolOf(LOOPBACK, LOOPBACK);
    await pool.start();
    const [a, b] = [...pool];
    const real = `127.0.0.1:${new URL(b?.url ?? '').port}`;
    expect(pool.load(real)).toBe(b);
    expect(pool.load(LOOPBACK)).toBe(a);
    await b?.stop();
    expect(pool.has(real)).toBe(false);
    expect(pool.get('server-1')).toBe(b);
  });

  it.each(['localhost:0', 'LOCALHOST:0', ':0', '0.0.0.0:0', '[::1]:0'])(
    'finds the port-0 server on %s by the address that it tells, wherever it moves',
    async (listen) => {
      const pool = await poolOf(listen);
      await pool.start();
      const [server] = [...pool] as [PooledServer];
      const place = (): string => {
        const { host, port } = server.address as { host: string; port: number };
        return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
      };
      const first = place();
      expect([pool.load(first), pool.has(first)]).toEqual([server, true]);
      await server.restart();
      expect(pool.load(place())).toBe(server);
      await pool.apply([{ name: 'server-0', listen: LOOPBACK }]);
      expect([pool.has(first), pool.load(place())]).toEqual([false, server]);
      await pool.apply([{ name: 'server-0', listen }]);
      const last = place();
      expect(pool.load(last)).toBe(server);
      expect(await pool.delete(last)).toBe(true);
      expect([pool.has(last), pool.size]).toEqual([false, 0]);
    },
  );

  it('deletes the first of the port-0 servers of a host by its bind, any by its name or real address', async () => {
    const pool = await poolOf(LOOPBACK, LOOPBACK, LOOPBACK);
    await pool.start();
    const [first, second, third] = [...pool];
    await pool.filter('name', 'server-1').clean();
    expect([...pool]).toEqual([first, third]);
    expect(await pool.delete(`127.0.0.1:${new URL(third?.url ?? '').port}`)).toBe(true);
    expect([...pool]).toEqual([first]);
    await pool.store(second as PooledServer);
    expect(await pool.delete(LOOPBACK)).toBe(true);
    expect([...pool]).toEqual([second]);
  });

  it('finds a dual-stack port-0 server by the spelling without a host', async () => {
    const pool = await poolOf(':0');
    await pool.start();
    const port = new URL(pool.get('server-0')?.url ?? '').port;
    expect(pool.load(`:${port}`)).toBe(pool.get('server-0'));
    expect(pool.load(`[::]:${port}`)).toBe(pool.get('server-0'));
  });

  it('follows the config of a server to another name and address', async () => {
    const pool = await poolOf('127.0.0.1:7001', '127.0.0.1:7002');
    const server = pool.get('server-0');
    await server?.setConfig({ name: 'moved', listen: '127.0.0.1:7003' });
    expect(pool.load('127.0.0.1:7003')).toBe(server);
    expect(pool.get('moved')).toBe(server);
    expect(pool.has('127.0.0.1:7001')).toBe(false);
    expect(pool.get('server-0')).toBeUndefined();
    expect([...pool][0]).toBe(server);
    await pool.storeNew({ name: 'server-0', listen: '127.0.0.1:7001' });
    expect(pool.len()).toBe(3);
  });

  it.each([
    ['never before', []],
    ['before', ['before']],
    ['while it was given up', ['meanwhile']],
    ['before and while it was given up', ['before', 'meanwhile']],
  ])(
    'finds a server on port 0 whose address was given up for a list that was refused, asked for it %s',
    async (_when, asked) => {
      const { pool, staging, release } = await opened.started(on('a', { listen: '0.0.0.0:0' }));
      const a = pool.get('a') as PooledServer;
      const { port } = new URL(a.url ?? '');
      if (asked.includes('before')) expect(pool.load(`0.0.0.0:${port}`)).toBe(a);
      const { listen } = await opened.takenPort();
      const narrower = on('a', { listen: `127.0.0.1:${port}` });
      const refused = failure(pool.apply([narrower, on('taken', { listen }), late]));
      await staging.opened;
      while (a.address !== undefined) await new Promise(setImmediate);
      if (asked.includes('meanwhile')) expect(pool.load(`0.0.0.0:${port}`)).toBeUndefined();
      release.open();
      await refused;
      expect(pool.load(`0.0.0.0:${port}`)).toBe(a);
      expect(pool.filter('name', 'a').load(`0.0.0.0:${port}`)).toBe(a);
      expect(await text(`http://127.0.0.1:${port}`)).toBe('first');
    },
  );

  it('finds names exactly', async () => {
    const pool = await poolOf(LOOPBACK);
    expect(pool.get('server-0')).toBeDefined();
    expect(pool.get('SERVER-0')).toBeUndefined();
    expect(pool.get('')).toBeUndefined();
  });

  it('counts its servers', async () => {
    const pool = await poolOf(LOOPBACK, LOOPBACK);
    expect([pool.len(), pool.size]).toEqual([2, 2]);
  });
});
