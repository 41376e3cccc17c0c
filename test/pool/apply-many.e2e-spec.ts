import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pool, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { SteadyClients } from '../support/steady-clients.js';

describe('apply with many changes at once', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const slow = held('slow');
  const handlers = { default: says('ok'), slow: slow.handler, second: says('second') };

  const on = (name: string, more: Partial<ServerOptions> = {}): ServerOptions => {
    return { name, listen: LOOPBACK, ...more };
  };

  const started = async (...list: ServerOptions[]): Promise<Pool> => {
    const pool = opened.pool({ handlers: () => handlers });
    await pool.apply(list);
    await pool.start();
    return pool;
  };

  const states = (pool: Pool): string[] => [...pool].map(({ name, state }) => `${name} ${state}`);

  it('does every kind of change in one call, and disturbs nobody else', async () => {
    const pool = await started(
      on('keep'),
      on('live'),
      on('swap', { tls }),
      on('rebind'),
      on('enable', { disabled: true }),
      on('disable'),
      on('remove'),
    );
    const servers = new Map([...pool].map((server) => [server.name, server]));
    const clients = new SteadyClients(['keep', 'live'].map((name) => servers.get(name)?.url ?? ''));
    opened.onClose(() => clients.abort());
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
    const pool = await started(...names.map((name) => on(name)));
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
    const pool = opened.pool({ handlers: () => handlers });
    const list = Array.from({ length: 3000 }, (_, at) => on(`s${at}`, { listen: `:${at + 2000}` }));
    expect((await pool.apply(list)).add).toHaveLength(3000);
    const changed = list.map((each, at) => (at === 7 ? { ...each, idleTimeout: '1s' } : each));
    expect((await pool.apply(changed)).live).toEqual(['s7']);
    expect((await pool.apply([])).remove).toHaveLength(3000);
  });
});
