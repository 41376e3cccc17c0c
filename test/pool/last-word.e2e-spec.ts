import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledServer, type Pool, type ServerOptions } from '../../lib/index.js';
import { localhost } from '../support/certificates.js';
import { failure, gate, waitFor } from '../support/events.js';
import { freeListen } from '../support/free-port.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const named = (at: number): ServerOptions => ({ name: `s${at}`, listen: LOOPBACK });

const started = async (count: number): Promise<Pool> => {
  const pool = opened.pool({ handlers: () => ({ default: says('hello') }) });
  for (let at = 0; at < count; at += 1) await pool.storeNew(named(at));
  await pool.start();
  return pool;
};

const states = (pool: Pool): string[] => [...pool].map(({ name, state }) => `${name} ${state}`);

type Call = (pool: Pool) => unknown;

/** Calls on a pool, or on one of its servers. */
const calls: Record<string, Call> = {
  start: (pool) => pool.start(),
  stop: (pool) => pool.stop(),
  restart: (pool) => pool.restart(),
  'view start': (pool) => view(pool).start(),
  'view stop': (pool) => view(pool).stop(),
  'view restart': (pool) => view(pool).restart(),
  'restart at once': (pool) => pool.restart({ concurrency: Infinity }),
  change: (pool) => pool.get('s0')?.setConfig({ ...named(0), readTimeout: 9000 }),
  disable: (pool) => pool.get('s0')?.setConfig({ ...named(0), disabled: true }),
  enable: (pool) => pool.get('s0')?.setConfig(named(0)),
  's0 start': (pool) => pool.get('s0')?.start(),
  's0 stop': (pool) => pool.get('s0')?.stop(),
  's0 restart': (pool) => pool.get('s0')?.restart(),
};
const view = (pool: Pool): Pool => pool.filter('name', undefined, '^s');

const sequences = [
  ['stop', 'start'],
  ['stop', 'restart'],
  ['stop', 'restart at once'],
  ['stop', 'view start'],
  ['stop', 'view restart'],
  ['view stop', 'start'],
  ['view stop', 'view start'],
  ['view stop', 'restart'],
  ['restart', 'stop', 'start'],
  ['restart at once', 'stop', 'start'],
  ['change', 'stop', 'start'],
  ['change', 'stop', 'restart'],
  ['change', 's0 stop', 'start'],
  ['change', 's0 stop', 'view start'],
  ['disable', 'enable', 'start'],
  ['disable', 'enable', 'restart'],
  ['restart', 's0 stop'],
  ['change', 'restart', 's0 stop'],
  ['stop', 's0 start'],
  ['stop', 'start', 'stop'],
  ['stop', 'start', 'stop', 'start'],
  ['start', 'stop', 'restart', 'stop'],
  ['s0 stop', 'restart', 's0 stop'],
  ['s0 restart', 's0 stop', 'start'],
];
const rows = sequences.flatMap((sequence) =>
  [1, 3, 20].map((count) => [sequence.join(', '), count, sequence] as const),
);

describe('calls at once come to what they come to one after the other', () => {
  it.each(rows)('%s, of a pool of %i', async (_names, count, sequence) => {
    const [atOnce, inOrder] = [await started(count), await started(count)];
    for (const name of sequence) await calls[name]?.(inOrder);
    await Promise.all(sequence.map((name) => calls[name]?.(atOnce)));
    expect(states(atOnce)).toEqual(states(inOrder));
  });

  const lastOnes = { server: '^s1$', view: '^s' };
  it.each(Object.keys(lastOnes) as (keyof typeof lastOnes)[])(
    'a start of a %s, before it is the turn of one that stops last',
    async (kind) => {
      const { handler, entered, release } = held('late');
      const pool = opened.pool({ handlers: () => ({ default: handler }) });
      await pool.storeNew(named(0));
      await pool.storeNew({ ...named(1), shutdown: { last: true } });
      await pool.start();
      const answer = text(pool.get('s0')?.url);
      await entered.opened;
      const stopped = pool.stop();
      const again = pool.filter('name', undefined, lastOnes[kind]).start();
      release.open();
      await Promise.all([answer, stopped, again]);
      const runs = kind === 'view' ? 'running' : 'stopped';
      expect(states(pool)).toEqual([`s0 ${runs}`, 's1 running']);
    },
  );

  const comers: Record<string, (pool: Pool, options: ServerOptions) => Promise<unknown>> = {
    store: (pool, options) => pool.store(opened.addServer(PooledServer.create(options))),
    storeNew: (pool, options) => pool.storeNew(options),
    'storeNew of a view': (pool, options) => view(pool).storeNew(options),
  };
  const ways = ['start', 'restart', 'view start', 'view restart'];
  it.each(Object.keys(comers).flatMap((comer) => ways.map((way) => [comer, way])))(
    'stop, %s in the place of a server, %s: it runs',
    async (comer, way) => {
      const listen = await freeListen();
      const pool = opened.pool({ handlers: () => ({ default: says('hello') }) });
      await pool.storeNew({ name: 's0', listen }, { start: true });
      const stopped = pool.stop();
      const came = comers[comer]?.(pool, { name: 's9', listen });
      await Promise.all([stopped, came, calls[way]?.(pool)]);
      expect(states(pool)).toEqual(['s9 running']);
      expect(await text(`http://${listen}`)).toBe('hello');
    },
  );

  it.each(['s0 start', 's0 restart'])(
    'a stop of a pool in which a server is down already, %s: that one runs',
    async (way) => {
      const { handler, entered, release } = held('late');
      const pool = opened.pool({ handlers: () => ({ default: handler }) });
      await pool.storeNew(named(0));
      await pool.storeNew(named(1), { start: true });
      const answer = text(pool.get('s1')?.url);
      await entered.opened;
      const stopped = pool.stop();
      await calls[way]?.(pool);
      release.open();
      await Promise.all([answer, stopped]);
      expect(states(pool)).toEqual(['s0 running', 's1 stopped']);
    },
  );

  it('a start that still waits for another server, and a stop of what has come in the place of one: it stays stopped', async () => {
    const listen = await freeListen();
    const tls = gate();
    const pool = opened.pool({ tls: () => tls.opened.then(() => ({ certs: [localhost] })) });
    await pool.storeNew({ name: 's0', listen });
    await pool.storeNew({ name: 'secure', listen: LOOPBACK, tls: { inheritDefault: true } });
    const started = pool.start();
    await pool.storeNew({ name: 's9', listen });
    await pool.get('s9')?.stop();
    tls.open();
    await started;
    expect(states(pool)).toEqual(['s9 stopped', 'secure running']);
  });

  it('a start, and a server that is stored without one: it stays stopped', async () => {
    const pool = await started(1);
    await Promise.all([pool.stop(), pool.start(), pool.storeNew(named(1))]);
    expect(states(pool)).toEqual(['s0 running', 's1 stopped']);
  });
});

describe('a start that is given up', () => {
  const silent = () => new Promise<never>(() => undefined);
  const waiting = { name: 'waiting', listen: LOOPBACK, tls: { inheritDefault: true } };

  it('stops again what was to stop before it', async () => {
    const pool = opened.pool({ tls: silent });
    for (const at of [0, 1]) await pool.storeNew(named(at), { start: true });
    await pool.storeNew(waiting);
    const running = gate();
    const s0 = pool.get('s0') as PooledServer;
    const changed = s0.setConfig({ ...named(0), readTimeout: 9000 });
    const stopped = s0.stop();
    const controller = new AbortController();
    const start = failure(pool.start({ signal: controller.signal }));
    pool.events$.subscribe(({ previous, state }) => {
      if (previous === 'starting' && state === 'running') running.open();
    });
    await running.opened;
    controller.abort();
    await Promise.all([changed, stopped, start]);
    expect(states(pool)).toEqual(['s0 stopped', 's1 running', 'waiting stopped']);
  });

  it('waits for no start of somebody else', async () => {
    const pool = opened.pool({ tls: silent });
    const server = await pool.storeNew(waiting);
    const starting = failure(server.start());
    const controller = new AbortController();
    const start = failure(pool.start({ signal: controller.signal }));
    controller.abort();
    await start;
    expect(server.state).toBe('starting');
    await server.stop();
    await starting;
  });

  it.each(['it started', 'ran before'])(
    'leaves alone one that was taken out meanwhile, which %s',
    async (which) => {
      const pool = opened.pool({ tls: silent });
      const server = await pool.storeNew(named(0), { start: which === 'ran before' });
      await pool.storeNew(waiting);
      if (server.isRunning()) void server.stop();
      const runs = waitFor(pool, ({ state }) => state === 'running');
      const controller = new AbortController();
      const start = failure(pool.start({ signal: controller.signal }));
      await runs;
      opened.addServer(server);
      const { address } = server;
      pool.loadAndDelete(`127.0.0.1:${address && 'port' in address ? address.port : 0}`);
      controller.abort();
      await start;
      await pool.stop();
      expect(server.state).toBe('running');
      // Nobody has put a stop in its line.
      await server.restart();
      expect(server.state).toBe('running');
    },
  );
});
