import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { PoolError, ServerOptions, TlsOptions } from '../../../lib/index.js';
import { tls } from '../../support/certificates.js';
import { failure, record } from '../../support/events.js';
import { freePort } from '../../support/free-port.js';
import { held, says } from '../../support/handlers.js';
import { ask, keepAlive, text } from '../../support/http-client.js';
import { refusal } from '../../support/raw-client.js';
import { RunningPools } from '../support/running-pools.js';

describe('apply, where addresses overlap one after the other', () => {
  const slow = held('slow');
  const opened = new RunningPools({ a: says('a'), b: says('b'), c: says('c'), slow: slow.handler });
  afterEach(() => opened.closeAll());

  const server = (name: string, listen: string, handlerKey = name): ServerOptions => {
    return { name, listen, handlerKey };
  };

  it('adds a server on the whole host of an address that is removed', async () => {
    const port = await freePort();
    const pool = await opened.started(server('a', `127.0.0.1:${port}`), server('b', '127.0.0.1:0'));
    const a = pool.get('a');
    const plan = await pool.apply([server('c', `0.0.0.0:${port}`), server('b', '127.0.0.1:0')]);
    expect(plan).toMatchObject({ add: ['c'], remove: ['a'], keep: ['b'] });
    expect(await text(`http://127.0.0.1:${port}`)).toBe('c');
    expect(a?.state).toBe('stopped');
  });

  it('moves a server to one address of a host that another one moves away from', async () => {
    const [port, other] = [await freePort(), await freePort()];
    const pool = await opened.started(server('a', `0.0.0.0:${port}`), server('b', '127.0.0.1:0'));
    const list = [server('b', `127.0.0.1:${port}`), server('a', `127.0.0.1:${other}`)];
    expect((await pool.apply(list)).rebind).toEqual(['b', 'a']);
    expect(await text(`http://127.0.0.1:${port}`)).toBe('b');
    expect(await text(`http://127.0.0.1:${other}`)).toBe('a');
    expect([...pool].map(({ state }) => state)).toEqual(['running', 'running']);
  });

  it('splits a host among two servers, and joins them again', async () => {
    const port = await freePort();
    const whole = [server('a', `0.0.0.0:${port}`)];
    const parts = [server('b', `127.0.0.1:${port}`), server('c', `127.0.0.2:${port}`)];
    const pool = await opened.started(...whole);
    expect(await pool.apply(parts)).toMatchObject({ add: ['b', 'c'], remove: ['a'] });
    expect(await text(`http://127.0.0.1:${port}`)).toBe('b');
    expect(await text(`http://127.0.0.2:${port}`)).toBe('c');
    expect(await pool.apply(whole)).toMatchObject({ add: ['a'], remove: ['b', 'c'] });
    expect(await text(`http://127.0.0.2:${port}`)).toBe('a');
  });

  it('lets the connections of the address that it closes end', async () => {
    const port = await freePort();
    const pool = await opened.started(server('a', `127.0.0.1:${port}`, 'slow'));
    const agent = keepAlive();
    opened.onClose(() => agent.destroy());
    const answer = ask(`http://127.0.0.1:${port}`, { agent });
    await slow.entered.opened;
    const applied = pool.apply([server('c', `0.0.0.0:${port}`)]);
    slow.release.open();
    expect((await answer).body).toBe('slow');
    await applied;
    expect(await text(`http://127.0.0.1:${port}`)).toBe('c');
  });

  it('binds again what it had closed when something else in the list fails', async () => {
    const [first, second] = [await freePort(), await freePort()];
    const pool = await opened.started(
      server('a', `127.0.0.1:${first}`),
      server('b', `0.0.0.0:${second}`),
      server('c', '127.0.0.1:0'),
    );
    const addresses = [...pool].map(({ address }) => address);
    const { listen: taken } = await opened.takenPort();
    const events = record(pool);
    // One is split in two, one grows, and a fourth can't be had.
    const error = await failure<PoolError>(
      pool.apply([
        server('a', `0.0.0.0:${first}`),
        { name: 'x', listen: `127.0.0.1:${second}` },
        { name: 'y', listen: `127.0.0.2:${second}` },
        server('c', taken),
      ]),
    );
    expect(error.errors.map(({ server: name }) => name)).toEqual(['c']);
    expect(error.message).toMatch(/^The pool is as before/);
    expect(events).toEqual([]);
    expect([...pool].map(({ address }) => address)).toEqual(addresses);
    for (const { name, url } of pool) expect(await text(url)).toBe(name);
    expect(await refusal(`http://127.0.0.2:${first}`)).toBe('ECONNREFUSED');
    expect(await text(`http://127.0.0.2:${second}`)).toBe('b');
    // And it is as good as before: the same list works without the fault.
    await pool.apply([server('a', `0.0.0.0:${first}`), server('c', `127.0.0.1:${second}`)]);
    expect(await text(`http://127.0.0.2:${first}`)).toBe('a');
    expect(await text(`http://127.0.0.1:${second}`)).toBe('c');
  });

  it('tells which server could not get its address back, which is down then', async () => {
    const [port, pool] = [await freePort(), opened.pool({ tls: thief })];
    const thieves: Server[] = [];
    opened.onClose(() => thieves.forEach((each) => each.close()));
    // Asked for while the list is staged: somebody else takes the address as soon as it is free.
    async function thief(): Promise<TlsOptions> {
      thieves.push(await bindWhenFree(port));
      return tls;
    }
    await pool.apply([server('a', `127.0.0.1:${port}`), server('b', '127.0.0.1:0')]);
    await pool.start();
    const other = await bindWhenFree(port, '127.0.0.2');
    opened.onClose(() => other.close());
    const inherits = { ...server('c', '127.0.0.1:0'), tls: { inheritDefault: true } };
    const list = [server('a', `0.0.0.0:${port}`), server('b', '127.0.0.1:0', 'c'), inherits];
    const error = await failure<PoolError>(pool.apply(list));
    expect(error.message).toMatch(/^The list was not put in force, 1 of 3 servers/);
    expect(error.errors.map(({ message }) => message)).toEqual([
      expect.stringContaining(`cannot listen on 0.0.0.0:${port}`),
      expect.stringContaining(`lost its listener on 127.0.0.1:${port}`),
    ]);
    expect([...pool].map(({ state }) => state)).toEqual(['failed', 'running']);
    expect(await text(pool.get('b')?.url)).toBe('b');
  });
});

async function bindWhenFree(port: number, host = '127.0.0.1'): Promise<Server> {
  for (;;) {
    const holder = createServer().listen(port, host);
    try {
      await once(holder, 'listening');
      return holder;
    } catch {
      // Somebody has it still; the loop has to turn for that to change.
      await nextTurn();
    }
  }
}
