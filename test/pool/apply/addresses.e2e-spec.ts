import { afterEach, describe, expect, it } from '@jest/globals';
import type { ServerOptions } from '../../../lib/index.js';
import { says } from '../../support/handlers.js';
import { text } from '../../support/http-client.js';
import { refusal } from '../../support/raw-client.js';
import { freeListen } from '../../support/free-port.js';
import { RunningPools } from '../support/running-pools.js';

describe('apply, where an address goes from one server to another', () => {
  const opened = new RunningPools({ a: says('a'), b: says('b'), c: says('c') });
  afterEach(() => opened.closeAll());

  const urlOf = (listen: string): string => `http://${listen}/`;

  const server = (name: string, listen: string): ServerOptions => {
    return { name, listen, handlerKey: name };
  };

  it('swaps the addresses of two servers, in either order of the list, without a refused connection', async () => {
    const [first, second] = [await freeListen(), await freeListen()];
    const pool = await opened.started(server('a', first), server('b', second));
    const [a, b] = [pool.get('a'), pool.get('b')];
    const clients = opened.steady(...[first, second].map(urlOf));
    for (let round = 0; round < 2; round += 1) {
      await clients.more();
      const plan = await pool.apply([server('a', second), server('b', first)]);
      expect(plan.rebind).toEqual(['a', 'b']);
      await clients.more();
      expect([await text(`http://${first}`), await text(`http://${second}`)]).toEqual(['b', 'a']);
      await pool.apply([server('b', second), server('a', first)]);
      expect([await text(`http://${first}`), await text(`http://${second}`)]).toEqual(['a', 'b']);
    }
    await clients.end();
    expect(clients.failures).toEqual([]);
    expect([pool.get('a'), pool.get('b')]).toEqual([a, b]);
    expect([pool.load(first), pool.load(second)]).toEqual([a, b]);
  });

  it('moves three servers round in a circle', async () => {
    const listens = [await freeListen(), await freeListen(), await freeListen()];
    const names = ['a', 'b', 'c'];
    const turned = (by: number): ServerOptions[] =>
      names.map((name, at) => server(name, listens[(at + by) % 3] ?? ''));
    const pool = await opened.started(...turned(0));
    const clients = opened.steady(...listens.map(urlOf));
    for (const by of [1, 2, 3]) {
      await clients.more();
      expect((await pool.apply(turned(by))).rebind).toEqual(names);
      const answers = await Promise.all(listens.map((listen) => text(`http://${listen}`)));
      expect(answers).toEqual(names.map((_, at) => names[(at + 3 - (by % 3)) % 3]));
    }
    await clients.end();
    expect(clients.failures).toEqual([]);
  });

  it('adds a server on the address of one that is removed without a refused connection', async () => {
    const listen = await freeListen();
    const pool = await opened.started(server('a', listen));
    const a = pool.get('a');
    const clients = opened.steady(urlOf(listen));
    for (const [from, to] of [
      ['a', 'b'],
      ['b', 'c'],
    ] as const) {
      await clients.more();
      // A third server has the name, so that the one on the address is no rename of it.
      const plan = await pool.apply([server(to, listen), server(from, await freeListen())]);
      expect(plan).toMatchObject({ add: [to], rebind: [from] });
      expect(await text(`http://${listen}`)).toBe(to);
      await pool.apply([server(to, listen)]);
    }
    await clients.end();
    expect(clients.failures).toEqual([]);
    expect(a?.state).toBe('stopped');
    expect([...pool].map(({ name }) => name)).toEqual(['c']);
  });

  it.each([
    ['before', ['c', 'a']],
    ['after', ['a', 'c']],
  ])('adds a server, %s the one that moves away from its address', async (_, order) => {
    const [from, to] = [await freeListen(), await freeListen()];
    const pool = await opened.started(server('a', from));
    const a = pool.get('a');
    const clients = opened.steady(urlOf(from));
    await clients.more();
    const listens: Record<string, string> = { c: from, a: to };
    await pool.apply(order.map((name) => server(name, listens[name] ?? '')));
    await clients.end();
    expect(clients.failures).toEqual([]);
    expect(pool.get('a')).toBe(a);
    expect(pool.len()).toBe(2);
    expect(pool.load(from)?.name).toBe('c');
    expect(await text(`http://${from}`)).toBe('c');
    expect(await text(`http://${to}`)).toBe('a');
  });

  it('gives two servers with port 0 ports of their own when one of that host is removed', async () => {
    const pool = await opened.started(server('a', '127.0.0.1:0'));
    const plan = await pool.apply([server('b', '127.0.0.1:0'), server('c', '127.0.0.1:0')]);
    expect(plan).toMatchObject({ add: ['b', 'c'], remove: ['a'] });
    expect(pool.get('b')?.url).not.toBe(pool.get('c')?.url);
    expect(await text(pool.get('b')?.url)).toBe('b');
    expect(await text(pool.get('c')?.url)).toBe('c');
  });

  it('takes over the port that the system chose for a server that is removed', async () => {
    const pool = await opened.started(server('a', '127.0.0.1:0'));
    const { host } = new URL(pool.get('a')?.url ?? '');
    const clients = opened.steady(urlOf(host));
    await clients.more();
    await pool.apply([server('b', host)]);
    await clients.end();
    expect(clients.failures).toEqual([]);
    expect(await text(`http://${host}`)).toBe('b');
  });

  it('takes over nothing from a removed server that was stopped', async () => {
    const listen = await freeListen();
    const pool = await opened.started(server('a', listen), server('b', '127.0.0.1:0'));
    await pool.get('a')?.stop();
    const plan = await pool.apply([server('b', listen)]);
    expect(plan).toMatchObject({ rebind: ['b'], remove: ['a'] });
    expect(await text(`http://${listen}`)).toBe('b');
    await pool.stop();
    expect(await refusal(`http://${listen}`)).toBe('ECONNREFUSED');
  });
});
