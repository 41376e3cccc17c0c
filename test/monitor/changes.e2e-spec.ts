import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { checkSubject } from '../../lib/monitor/server-check.js';
import type { Pool, PoolEvent, PooledServer, ServerOptions, TlsOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { gate, record, waitFor } from '../support/events.js';
import { freePort } from '../support/free-port.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const QUICK = { intervalCheck: 5, intervalFall: 5, intervalRise: 5 };
const ONE_STEP = { fallCountWarn: 1, fallCountKO: 1, riseCountKO: 1, riseCountWarn: 1 };
const monitor = { path: '/', ...QUICK, ...ONE_STEP };

const isHealth =
  (status: string) =>
  (event: PoolEvent): boolean =>
    event.type === 'health' && event.status === status;

const told = (events: readonly PoolEvent[]): unknown[] =>
  events.map(({ type, state, status }) => (type === 'state' ? state : (status ?? type)));

describe('the health of a server that changes', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  /** One that its monitor finds down, and what is told of it from then on. */
  const fallen = async (
    more: Partial<ServerOptions> = {},
  ): Promise<{ pool: Pool; server: PooledServer; events: PoolEvent[] }> => {
    const handlers = { '': answering(500) };
    const pool = opened.pool({ handlers: () => handlers });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK, monitor, ...more });
    const down = waitFor(pool, isHealth('down'));
    await server.start();
    await down;
    return { pool, server, events: record(pool) };
  };

  type Change = (pool: Pool, server: PooledServer) => Promise<unknown>;
  const plain = { name: 'a', listen: LOOPBACK };
  const other = { name: 'b', listen: LOOPBACK };
  const restart: Change = async (_pool, server) => {
    await server.stop();
    pretendWell(server);
    await server.start();
  };

  it.each<[string, Change, string[]]>([
    ['whose monitor setConfig removes', (_, server) => server.setConfig(plain), ['config', 'up']],
    ['whose monitor apply removes', (pool) => pool.apply([plain]), ['config', 'up']],
    [
      'whose monitor merge removes',
      (_, server) => server.merge(opened.server(plain)),
      ['config', 'up'],
    ],
    [
      'that is renamed, and has no monitor any more',
      (_, server) => server.setConfig(other),
      ['config', 'up'],
    ],
    [
      'that has no monitor any more, and TLS instead',
      (_, server) => server.setConfig({ ...plain, tls }),
      ['config', 'up'],
    ],
    ['that is stopped and started', restart, ['draining', 'stopped', 'starting', 'running', 'up']],
    [
      'that is stopped, and started without a monitor',
      async (_, server) => {
        await server.stop();
        await server.setConfig(plain);
        await server.start();
      },
      ['draining', 'stopped', 'config', 'starting', 'running', 'up'],
    ],
    [
      'that is disabled and enabled',
      async (pool, server) => {
        await server.setConfig({ ...plain, monitor, disabled: true });
        pretendWell(server);
        await server.setConfig({ ...plain, monitor });
        await pool.start();
      },
      ['config', 'draining', 'stopped', 'config', 'starting', 'running', 'up'],
    ],
  ])('is told as an event of one %s', async (_what, change, expected) => {
    const { pool, server, events } = await fallen();
    const up = waitFor(pool, isHealth('up'));
    await change(pool, server);
    await up;
    expect(told(events)).toEqual(expected);
    expect((await server.monitor()).status).toBe('up');
  });

  it('is told as it was found where only the monitor, or the transport, changes', async () => {
    const { server, events } = await fallen();
    await server.setConfig({ ...plain, monitor: { ...monitor, intervalFall: '2m', path: '/x' } });
    await server.restart();
    expect((await server.monitor()).status).toBe('down');
    expect(told(events)).toEqual(['config', 'restart']);
  });

  it('is told of a server that was up all the time by its states alone', async () => {
    const pool = opened.pool();
    const server = await pool.storeNew({ ...plain, monitor: { intervalCheck: '1m' } });
    const events = record(pool);
    await server.start();
    await server.stop();
    await server.start();
    await server.setConfig(plain);
    const states = ['starting', 'running', 'draining', 'stopped', 'starting', 'running', 'config'];
    expect(told(events)).toEqual(states);
  });

  it.each([{ monitor }, {}])(
    'stays as it is while its address is given up for a change that is not in force, with %j',
    async (more) => {
      const port = await freePort();
      const answers = [gate<TlsOptions>(), gate<TlsOptions>()];
      const asked = gate();
      let count = 0;
      const pool = opened.pool({
        handlers: () => ({ '': answering(200) }),
        tls: () => {
          if (count === 1) asked.open();
          return answers[count++]!.opened;
        },
      });
      const narrow = { name: 'a', listen: `127.0.0.1:${port}`, ...more };
      const slow = { name: 'b', listen: LOOPBACK, tls: { inheritDefault: true } };
      const server = await pool.storeNew(narrow);
      await pool.storeNew(slow);
      answers[0]!.open(tls);
      await pool.start();
      const events = record(pool);
      const wide = { ...narrow, listen: `0.0.0.0:${port}` };
      const applied = pool.apply([wide, { ...slow, readTimeout: '9s' }]);
      await asked.opened;
      while (server.address) await new Promise((resolve) => setImmediate(resolve));
      for (let check = 0; check < 20; check += 1) {
        await expect(server.healthCheck()).resolves.toBeUndefined();
        expect(await server.monitor()).toMatchObject({ status: 'up', state: 'running' });
      }
      answers[1]!.open(tls);
      await applied;
      expect(told(events)).toEqual(['config', 'config']);
    },
  );

  it('is told in another pool from when the server is in it', async () => {
    const { pool, server } = await fallen();
    const next = opened.pool();
    pool.loadAndDelete(server.bind);
    await next.store(server);
    const events = record(next);
    const up = waitFor(next, isHealth('up'));
    await server.setConfig(plain);
    await up;
    expect(told(events)).toEqual(['config', 'up']);
  });

  it('begins anew to be restarted when its monitor is taken away and given back', async () => {
    const handlers = { '': answering(500) };
    const pool = opened.pool({ handlers: () => handlers });
    const sick = { ...plain, monitor, restart: { onDown: true, retries: 1, delay: 1 } };
    const server = await pool.storeNew(sick);
    for (let round = 0; round < 2; round += 1) {
      const again = waitFor(pool, ({ type }) => type === 'restart');
      await (round === 0 ? server.start() : server.setConfig(sick));
      await again;
      await server.setConfig(plain);
    }
  });
});

describe('a check that was begun before a change', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  type Change = (server: PooledServer, pool: Pool) => unknown;
  const to = (more: Partial<ServerOptions>): Change => {
    return (server) => server.setConfig({ ...server.config, ...more });
  };

  let answered = 0;
  const well: RequestListener = (_request, response) => {
    answered += 1;
    response.end();
  };

  const stopAndStart: Change = (server) => server.stop({ timeout: 0 }).then(() => server.start());
  const changes: [string, Change][] = [
    ['of its path', to({ monitor: { ...monitor, path: '/ok', checkTimeout: '1m' } })],
    ['of its handler', (server) => server.handler(() => ({ '': well }))],
    ['of the handlers of its pool', (_, pool) => pool.handler(() => ({ '': well }))],
    ['of its handler key', to({ handlerKey: 'other' })],
    ['to TLS', to({ tls })],
    ['of its protocol', to({ protocol: 'http2' })],
    ['of its address', to({ listen: 'localhost:0' })],
    ['by a stop and a start', stopAndStart],
  ];

  /** Handlers of which the first check is answered badly, when `isFailing` is open, and all others well. */
  const failingOnce = () => {
    const entered = gate();
    const isFailing = gate();
    let isFirst = true;
    const handlers: Record<string, RequestListener> = {
      other: well,
      '': (request, response) => {
        if (!isFirst || request.url === '/ok') return well(request, response);
        isFirst = false;
        entered.open();
        void isFailing.opened.then(() => response.writeHead(500).end());
      },
    };
    return { entered, isFailing, handlers };
  };

  it.each<[string, Change]>([...changes, ['by a restart', (server) => server.restart()]])(
    '%s counts no more',
    async (_what, change) => {
      const { entered, isFailing, handlers } = failingOnce();
      const pool = opened.pool({ handlers: () => handlers });
      const slow = { ...monitor, checkTimeout: '1m' };
      const server = await pool.storeNew({ name: 'a', listen: LOOPBACK, monitor: slow });
      const events = record(pool);
      await server.start();
      await entered.opened;
      await change(server, pool);
      isFailing.open();
      const before = answered;
      while (answered < before + 3) await new Promise((resolve) => setImmediate(resolve));
      expect(events.filter(({ type }) => type === 'health')).toEqual([]);
    },
  );

  it.each(changes)('%s is made anew for who asked for it', async (_what, change) => {
    const { entered, isFailing, handlers } = failingOnce();
    const pool = opened.pool({ handlers: () => handlers });
    const seldom = { path: '/', intervalCheck: '1h', checkTimeout: '1m' };
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK, monitor: seldom });
    await server.start();
    const check = server.healthCheck();
    await entered.opened;
    await change(server, pool);
    isFailing.open();
    await expect(check).resolves.toBeUndefined();
  });

  it('fails when what is there after the change is ill, too', async () => {
    const { entered, isFailing, handlers } = failingOnce();
    const server = opened.server(
      { name: 'a', listen: LOOPBACK, monitor: { path: '/', checkTimeout: '1m' } },
      { handlers: () => handlers },
    );
    await server.start();
    const check = server.healthCheck();
    await entered.opened;
    server.handler(() => ({ '': answering(503) }));
    isFailing.open();
    await expect(check).rejects.toThrow('GET / answered 503');
  });

  it.each(['storeNew', 'store'] as const)(
    'says nothing of a server whose address another one has: %s',
    async (how) => {
      const pool = opened.pool({ handlers: () => ({ '': well }) });
      const listen = `127.0.0.1:${await freePort()}`;
      const server = await pool.storeNew({ name: 'a', listen, monitor }, { start: true });
      const isRemoved = (event: PoolEvent): boolean => event.type === 'removed';
      const found: unknown[] = [];
      pool.events$.subscribe((event) => {
        // Between the moment at which it has lost its address and its drain.
        if (isRemoved(event)) found.push(server.state, checkSubject(server), server.healthCheck());
      });
      const next = { name: 'a', listen, readTimeout: '1m' };
      if (how === 'store') await pool.store(opened.server(next));
      else await pool.storeNew(next);
      expect(found.slice(0, 2)).toEqual(['running', undefined]);
      await expect(found[2]).rejects.toThrow(/is not healthy: another server has its address$/);
    },
  );

  it('that leaves alone what is checked counts all the same', async () => {
    const entered = gate();
    const isFailing = gate();
    const pool = opened.pool({
      handlers: () => ({
        '': (_request, response) => {
          entered.open();
          void isFailing.opened.then(() => response.writeHead(500).end());
        },
      }),
    });
    const slow = { ...monitor, intervalFall: '1m', checkTimeout: '1m' };
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK, monitor: slow });
    await server.start();
    await entered.opened;
    await server.setConfig({ ...server.config, readTimeout: '2m' });
    const degraded = waitFor(pool, isHealth('degraded'));
    isFailing.open();
    await degraded;
  });
});

function answering(status: number): RequestListener {
  return (_request, response) => void response.writeHead(status).end();
}

function pretendWell(server: PooledServer): void {
  server.handler(() => ({ '': answering(200) }));
}
