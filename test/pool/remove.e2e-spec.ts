import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pool } from '../../lib/index.js';
import { record } from '../support/events.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { refusal } from '../support/raw-client.js';

describe('taking servers out', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const running = async (...names: string[]): Promise<Pool> => {
    const pool = opened.pool({ handlers: () => ({ default: says('here') }) });
    for (const name of names) await pool.storeNew({ name, listen: LOOPBACK }, { start: true });
    return pool;
  };

  const realBind = (pool: Pool, name: string): string => new URL(pool.get(name)?.url ?? '').host;

  it('really stops a server that is deleted', async () => {
    const pool = await running('a', 'b');
    const a = pool.get('a');
    const url = a?.url ?? '';
    expect(await pool.delete(realBind(pool, 'a'))).toBe(true);
    expect(a?.state).toBe('stopped');
    expect(await refusal(url)).toBe('ECONNREFUSED');
    expect([...pool].map(({ name }) => name)).toEqual(['b']);
    expect(await text(pool.get('b')?.url)).toBe('here');
  });

  it('is gone from the pool at once, and resolves when it is drained', async () => {
    const { handler, entered, release } = held('late');
    const pool = opened.pool({ handlers: () => ({ default: handler }) });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const answer = text(server.url);
    await entered.opened;
    const events = record(pool);
    const deleted = pool.delete(LOOPBACK);
    expect(pool.len()).toBe(0);
    expect(server.state).toBe('draining');
    release.open();
    expect(await answer).toBe('late');
    expect(await deleted).toBe(true);
    expect(server.state).toBe('stopped');
    expect(events.map(({ type, state }) => `${type} ${state}`)).toEqual([
      'removed running',
      'state draining',
      'state stopped',
    ]);
  });

  it('is waited for by a stop of the pool', async () => {
    const { handler, entered, release } = held('late');
    const pool = opened.pool({ handlers: () => ({ default: handler }) });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const answer = text(server.url);
    await entered.opened;
    const deleted = pool.delete(LOOPBACK);
    const stopped = pool.stop().then(() => server.state);
    release.open();
    expect(await stopped).toBe('stopped');
    expect([await answer, await deleted]).toEqual(['late', true]);
  });

  it('tells that there was nothing to delete', async () => {
    const pool = await running('a');
    expect(await pool.delete('127.0.0.1:1')).toBe(false);
    expect(await pool.delete('nonsense')).toBe(false);
    expect(pool.len()).toBe(1);
  });

  it('hands a server over to the caller, still running', async () => {
    const pool = await running('a');
    const events = record(pool);
    const server = pool.loadAndDelete(realBind(pool, 'a'));
    expect(server?.isRunning()).toBe(true);
    if (server) opened.addServer(server);
    expect(pool.len()).toBe(0);
    expect(await text(server?.url)).toBe('here');
    await pool.stop();
    expect(await text(server?.url)).toBe('here');
    await server?.stop();
    expect(events.map(({ type }) => type)).toEqual(['removed']);
  });

  it('hands a server over once', async () => {
    const pool = await running('a');
    const bind = realBind(pool, 'a');
    const [server, again] = [pool.loadAndDelete(bind), pool.loadAndDelete(bind)];
    if (server) opened.addServer(server);
    expect(server).toBeDefined();
    expect(again).toBeUndefined();
  });

  it('frees the name and the address of a server that left', async () => {
    const pool = opened.pool();
    await pool.storeNew({ name: 'a', listen: '127.0.0.1:7001' });
    await pool.delete('127.0.0.1:7001');
    await pool.storeNew({ name: 'a', listen: '0.0.0.0:7001' });
    expect(pool.len()).toBe(1);
  });

  it('takes back a server that was handed over', async () => {
    const pool = await running('a');
    const server = pool.loadAndDelete(LOOPBACK);
    if (server) await pool.store(server);
    expect(pool.get('a')).toBe(server);
    expect(server?.isRunning()).toBe(true);
  });

  it('deletes and stops all', async () => {
    const pool = await running('a', 'b', 'c');
    const servers = [...pool];
    const urls = servers.map(({ url = '' }) => url);
    await pool.clean();
    expect(pool.len()).toBe(0);
    expect(servers.map(({ state }) => state)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(await Promise.all(urls.map(refusal))).toEqual(Array(3).fill('ECONNREFUSED'));
  });

  it('hears no more of one that is started while others that it deletes with it stop', async () => {
    const pool = await running('a');
    const shutdown = { last: true };
    const last = await pool.storeNew({ name: 'last', listen: LOOPBACK, shutdown }, { start: true });
    opened.addServer(last);
    const cleaned = pool.clean();
    await Promise.all([last.start(), cleaned]);
    const events = record(pool);
    expect(last.state).toBe('running');
    await last.stop();
    expect(events).toEqual([]);
  });

  it('cleans an empty pool', async () => {
    await expect(opened.pool().clean()).resolves.toBeUndefined();
  });
});
