import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledServer, type Pool, type ServerError } from '../../lib/index.js';
import { ask, keepAlive, text } from '../support/http-client.js';
import { failure, gate, record, waitFor } from '../support/events.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { get, RawClient, refusal } from '../support/raw-client.js';

describe('storing a server on the address of another', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  /** A pool with one server that runs on an address with a known port. */
  const running = async (): Promise<{
    pool: Pool;
    old: PooledServer;
    listen: string;
    url: string;
  }> => {
    const { listen, free } = await opened.takenPort();
    await free();
    const pool = opened.pool({ handlers: () => ({ default: says('old'), next: says('new') }) });
    const old = await pool.storeNew({ name: 'old', listen }, { start: true });
    return { pool, old, listen, url: old.url ?? '' };
  };

  it('replaces a stopped one in its place', async () => {
    const pool = opened.pool();
    await pool.storeNew({ name: 'a', listen: '127.0.0.1:7001' });
    await pool.storeNew({ name: 'b', listen: '127.0.0.1:7002' });
    const c = await pool.storeNew({ name: 'c', listen: '127.0.0.1:07001' });
    expect([...pool].map(({ name }) => name)).toEqual(['c', 'b']);
    expect(pool.load('127.0.0.1:7001')).toBe(c);
    expect(pool.get('a')).toBeUndefined();
  });

  it('may keep the name of the one it replaces', async () => {
    const pool = opened.pool();
    await pool.storeNew({ name: 'a', listen: '127.0.0.1:7001' });
    const next = await pool.storeNew({ name: 'a', listen: '127.0.0.1:7001', maxHandlers: 2 });
    expect([...pool]).toEqual([next]);
    expect(pool.get('a')).toBe(next);
  });

  it('answers the next request of a client that was idle meanwhile, as its last one', async () => {
    // Longer than a stop leaves an idle connection.
    const late = (_request: unknown, response: ServerResponse): void =>
      void setTimeout(() => response.end('late'), 300);
    const { listen, free } = await opened.takenPort();
    await free();
    const pool = opened.pool({ handlers: () => ({ default: says('old'), late }) });
    const old = await pool.storeNew({ name: 'old', listen }, { start: true });
    const idle = await RawClient.connect(old.url ?? '');
    opened.onClose(() => idle.close());
    idle.send(get('/'));
    await idle.until('old');
    await pool.storeNew({ name: 'next', listen, handlerKey: 'late' });
    expect(await text(old.url ?? `http://${listen}`)).toBe('late');
    expect([old.state, idle.socket.readableEnded]).toEqual(['draining', false]);
    const stopped = waitFor(pool, ({ server, state }) => server === 'old' && state === 'stopped');
    idle.send(get('/'));
    expect(await idle.closed).toBeUndefined();
    expect(idle.received.match(/old/g)).toHaveLength(2);
    expect(idle.received).toContain('Connection: close');
    await stopped;
  });

  it('takes over the socket of a running one without a refused connection', async () => {
    const { pool, old, listen, url } = await running();
    const everyoneIsServed = gate();
    let swapped = false;
    let asked = 0;
    const clients = Array.from({ length: 4 }, async () => {
      // Connection by connection, so that every one of them has to be accepted.
      for (let after = 0; after < 5; after += Number(swapped)) {
        expect(['old', 'new']).toContain(await text(url));
        asked += 1;
        if (asked === 8) everyoneIsServed.open();
      }
    });
    await everyoneIsServed.opened;
    const next = await pool.storeNew({ name: 'new', listen, handlerKey: 'next' });
    swapped = true;
    await Promise.all(clients);
    expect(next.isRunning()).toBe(true);
    expect(next.url).toBe(url);
    expect(await text(url)).toBe('new');
    expect(pool.len()).toBe(1);
    await old.stop();
    expect(old.state).toBe('stopped');
  });

  it('lets the replaced one finish what it has begun', async () => {
    const { listen, free } = await opened.takenPort();
    await free();
    const { handler, entered, release } = held('whole');
    const pool = opened.pool({ handlers: () => ({ default: handler, next: says('new') }) });
    const old = await pool.storeNew({ name: 'old', listen }, { start: true });
    const answer = text(old.url);
    await entered.opened;
    const next = await pool.storeNew({ name: 'new', listen, handlerKey: 'next' });
    expect(old.state).toBe('draining');
    expect(await text(next.url)).toBe('new');
    const gone = waitFor(pool, ({ server, state }) => server === 'old' && state === 'stopped');
    release.open();
    expect(await answer).toBe('whole');
    expect((await gone).report).toMatchObject({ finished: 1, timedOut: false });
  });

  it('lets a kept connection go over to the new one without an error', async () => {
    const { pool, listen, url } = await running();
    const agent = keepAlive();
    opened.onClose(() => agent.destroy());
    expect((await ask(url, { agent })).body).toBe('old');
    await pool.storeNew({ name: 'new', listen, handlerKey: 'next' });
    // The old one may still answer, and then says that it closes; what follows is the new one's.
    const between = await ask(url, { agent });
    if (between.body === 'old') expect(between.headers.connection).toBe('close');
    expect((await ask(url, { agent })).body).toBe('new');
  });

  it('tells who left and who came', async () => {
    const { pool, listen } = await running();
    const events = record(pool);
    const gone = waitFor(pool, ({ server, state }) => server === 'old' && state === 'stopped');
    await pool.storeNew({ name: 'new', listen });
    await gone;
    const seen = events.map(({ server, type, state }) => `${server} ${type} ${state}`);
    expect(seen.slice(0, 2)).toEqual(['old removed running', 'new added stopped']);
    expect(seen).toContain('new state running');
    expect(seen).toContain('old state stopped');
  });

  it('leaves the old one serving when the new one cannot start', async () => {
    const { pool, old, listen, url } = await running();
    const failing = PooledServer.create(
      { name: 'new', listen, tlsMandatory: true, tls: { inheritDefault: true } },
      { tls: () => Promise.reject(new Error('the vault is sealed')) },
    );
    const error = await failure<ServerError>(pool.store(failing));
    expect(error.message).toContain('the vault is sealed');
    expect([...pool]).toEqual([old]);
    expect(old.isRunning()).toBe(true);
    expect(await text(url)).toBe('old');
  });

  it('closes the address when a disabled server takes the place of a running one', async () => {
    const { pool, listen, url } = await running();
    const gone = waitFor(pool, ({ server, state }) => server === 'old' && state === 'stopped');
    const next = await pool.storeNew({ name: 'new', listen, disabled: true });
    expect([...pool]).toEqual([next]);
    expect(next.state).toBe('stopped');
    await gone;
    expect(await refusal(url)).toBe('ECONNREFUSED');
  });

  it('does nothing for a server that is in the pool already', async () => {
    const pool = opened.pool();
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const events = record(pool);
    await pool.store(server);
    expect([...pool]).toEqual([server]);
    expect(events).toEqual([]);
  });
});
