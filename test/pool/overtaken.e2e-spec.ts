import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { map, take } from 'rxjs';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  isPortInUse,
  Pool,
  PooledServer,
  PoolErrorCode,
  ServerErrorCode,
  type PoolError,
  type PoolLogger,
  type ServerError,
  type ServerOptions,
  type TlsOptions,
} from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { failure, gate, record, waitFor } from '../support/events.js';
import { freeListen } from '../support/free-port.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { refusal } from '../support/raw-client.js';
import { states } from './support/running-pools.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const handlers = () => ({ default: says('first') });
const inheriting = { tls: { inheritDefault: true } };

/** A default TLS that is asked for, and answers, or rejects, when it is told to. */
const lateTls = () => {
  const [asked, answer] = [gate(), gate<TlsOptions | Error>()];
  const ask = async (): Promise<TlsOptions> => {
    asked.open();
    const answered = await answer.opened;
    if (answered instanceof Error) throw answered;
    return answered;
  };
  return { asked: asked.opened, answer: answer.open, ask };
};

describe('calls on a pool that overtake each other', () => {
  it('store on the address of a server that an apply changes: one comes after the other', async () => {
    const listen = await freeListen();
    const pool = opened.pool({ handlers });
    const a = await pool.storeNew({ name: 'a', listen }, { start: true });
    const b = opened.addServer(PooledServer.create({ name: 'b', listen }, { handlers }));
    await Promise.all([pool.apply([{ name: 'a', listen, readTimeout: 9000 }]), pool.store(b)]);
    await a.stop();
    expect(states(pool)).toEqual(['b running']);
    expect(await text(b.url)).toBe('first');
  });

  /** A change to another address that also disables: the server drains where it was, found where it is not. */
  const moves: [string, (pool: Pool, to: string) => Promise<unknown>][] = [
    ['setConfig', async (pool, to) => pool.get('a')?.setConfig(movedTo(to))],
    ['apply', (pool, to) => pool.apply([movedTo(to)])],
    ['apply of a view', (pool, to) => pool.filter('name', 'a').apply([movedTo(to)])],
  ];
  const movedTo = (listen: string) => ({ name: 'a', listen, disabled: true });
  const comers: [string, (pool: Pool, server: PooledServer) => Promise<unknown>][] = [
    ['store', (pool, server) => pool.store(server).then(() => server.start())],
    ['storeNew', (pool, { config }) => pool.storeNew(config).then((server) => server.start())],
    ['storeNew with start', (pool, { config }) => pool.storeNew(config, { start: true })],
    [
      'storeNew of a view',
      (pool, { config }) => pool.filter('name', 'a').storeNew(config, { start: true }),
    ],
    ['apply', (pool, { config }) => pool.apply([config]).then(() => pool.start())],
  ];
  const pairs = moves.flatMap(([move, by]) =>
    comers.map(([comer, come]) => [comer, move, come, by] as const),
  );

  it.each(pairs)(
    '%s on the new address of a server that %s has moved and disabled, while it drains',
    async (_comer, _move, come, by) => {
      const [from, to] = [await freeListen(), await freeListen()];
      const { handler, entered, release } = held('late');
      const pool = opened.pool({ handlers: () => ({ default: handler, second: says('second') }) });
      const a = await pool.storeNew({ name: 'a', listen: from }, { start: true });
      const answer = text(a.url);
      await entered.opened;
      const drains = waitFor(pool, ({ state }) => state === 'draining');
      const moved = by(pool, to);
      await drains;
      const options = { name: 'b', listen: to, handlerKey: 'second' };
      const came = come(pool, opened.addServer(PooledServer.create(options)));
      release.open();
      await Promise.all([moved, came]);
      expect(await answer).toBe('late');
      expect(states(pool)).toEqual(['b running']);
      expect(await text(pool.get('b')?.url)).toBe('second');
      expect(await refusal(`http://${from}`)).toBe('ECONNREFUSED');
    },
  );

  const lists: [string, (from: string, to: string) => ServerOptions[], string[]][] = [
    ['moves it', (_from, to) => [{ name: 'a', listen: to }], ['a running']],
    ['changes it', (listen) => [{ name: 'a', listen, readTimeout: 9000 }], ['a running']],
    ['renames it', (listen) => [{ name: 'c', listen }], ['c running']],
    ['gives its address to another', (listen) => [{ name: 'other', listen }], ['other running']],
  ];
  const stores: [string, (pool: Pool, listen: string) => Promise<unknown>][] = [
    ['store', (pool, listen) => pool.store(PooledServer.create({ name: 'b', listen }))],
    ['storeNew', (pool, listen) => pool.storeNew({ name: 'b', listen }, { start: true })],
    ['storeNew of one of its name', (pool, listen) => pool.storeNew({ name: 'a', listen })],
    [
      'storeNew of a view',
      (pool, listen) => pool.filter('name', 'a').storeNew({ name: 'b', listen }),
    ],
  ];

  it.each(
    stores.flatMap(([by, store]) => lists.map((list) => [list[0], by, store, list] as const)),
  )(
    'apply of a list that %s, behind a %s on the address of a server: one comes after the other',
    async (_what, _by, store, [, listOf, expected]) => {
      const [from, to] = [await freeListen(), await freeListen()];
      const pool = opened.pool({ handlers });
      await pool.storeNew({ name: 'a', listen: from }, { start: true });
      await pool.storeNew({ name: 'other', listen: LOOPBACK }, { start: true });
      const list = listOf(from, to);
      const stored = store(pool, from);
      const planned = pool.apply(list);
      await Promise.all([stored, planned]);
      expect(states(pool)).toEqual(expected);
      expect([...pool].map(({ bind }) => bind)).toEqual(list.map(({ listen }) => listen));
      expect(await text(`http://${list[0]!.listen}`)).toBe('first');
      expect((await pool.apply(list)).keep).toEqual(list.map(({ name }) => name));
    },
  );

  it.each(
    stores.flatMap(([by, store]) => ['a', 'b', 'c'].map((name) => [name, by, store] as const)),
  )(
    'merge of a pool with %s, behind a %s on the address of a server: one comes after the other',
    async (name, _by, store) => {
      const listen = await freeListen();
      const pool = opened.pool({ handlers });
      await pool.storeNew({ name: 'a', listen }, { start: true });
      const other = opened.pool();
      await other.storeNew({ name, listen, readTimeout: 9000 });
      await Promise.all([store(pool, listen), pool.merge(other)]);
      expect(states(pool)).toEqual([`${name} running`]);
      expect(pool.get(name)?.config.readTimeout).toBe(9000);
    },
  );

  it('merge behind a change that moves a server: what it has for the address is added', async () => {
    const listen = await freeListen();
    const pool = opened.pool({ handlers });
    const a = await pool.storeNew({ name: 'a', listen }, { start: true });
    const other = opened.pool();
    await other.storeNew({ name: 'b', listen });
    await Promise.all([a.setConfig({ name: 'a', listen: LOOPBACK }), pool.merge(other)]);
    expect([...pool].map(({ name, bind }) => [name, bind])).toEqual([
      ['a', LOOPBACK],
      ['b', listen],
    ]);
    expect(states(pool)).toEqual(['a running', 'b stopped']);
  });

  const [off, on] = [true, false].map((disabled) => ({ name: 'a', listen: LOOPBACK, disabled }));
  it.each<[string, (pool: Pool) => Promise<unknown>]>([
    ['setConfig', (pool) => pool.get('a')!.setConfig(off!)],
    ['apply', (pool) => pool.apply([off!])],
  ])(
    'a stop joins that of a server that %s disables, and reports what was cut',
    async (_by, disable) => {
      const { handler, entered, release } = held('late');
      const pool = opened.pool({ handlers: () => ({ default: handler }) });
      const a = await pool.storeNew(on!, { start: true });
      const answer = text(a.url).catch(() => 'cut');
      await entered.opened;
      const drains = waitFor(pool, ({ state }) => state === 'draining');
      const disabled = disable(pool);
      await drains;
      expect(await pool.stop({ timeout: 0 })).toMatchObject([
        { cut: { http1: 1 }, timedOut: true },
      ]);
      await disabled;
      expect([await answer, a.state]).toEqual(['cut', 'stopped']);
      release.open();
    },
  );

  it.each<[string, (pool: Pool) => Promise<unknown>[], string]>([
    ['setConfig', (pool) => [pool.get('a')!.setConfig(off!), pool.apply([on!])], 'a running'],
    ['apply', (pool) => [pool.apply([off!]), pool.apply([on!])], 'a running'],
    [
      'merge',
      (pool) => [pool.get('a')!.merge(PooledServer.create(off!)), pool.apply([on!])],
      'a running',
    ],
    ['apply', (pool) => [pool.apply([off!]), pool.get('a')!.setConfig(on!)], 'a stopped'],
    [
      'setConfig',
      (pool) => [pool.get('a')!.setConfig(off!), pool.get('a')!.setConfig(on!)],
      'a stopped',
    ],
  ])('%s that disables a server, and at once one that enables it', async (_by, call, state) => {
    const pool = opened.pool({ handlers });
    await pool.storeNew(on!, { start: true });
    await pool.start();
    const drained = waitFor(pool, ({ state: now }) => now === 'stopped');
    await Promise.all(call(pool));
    await drained;
    expect([states(pool), pool.get('a')?.disabled]).toEqual([[state], false]);
  });

  it.each<[string, (pool: Pool, other: Pool) => Promise<unknown>[], string[]]>([
    ['behind', (pool, other) => [pool.merge(other), pool.apply([])], []],
    [
      'behind the one of a view and',
      (pool, other) => [pool.filter('name', 'a').merge(other), pool.apply([])],
      [],
    ],
    ['ahead of', (pool, other) => [pool.apply([]), pool.merge(other)], ['a', 'b']],
  ])('apply of an empty list %s a merge: one comes after the other', async (_where, call, left) => {
    const listen = await freeListen();
    const pool = opened.pool({ handlers });
    await pool.storeNew({ name: 'a', listen }, { start: true });
    const other = opened.pool();
    await other.storeNew({ name: 'a', listen });
    await other.storeNew({ name: 'b', listen: LOOPBACK });
    await Promise.all(call(pool, other));
    expect([...pool].map(({ name }) => name)).toEqual(left);
  });

  it('store behind a store that is refused: the refused one leaves nothing', async () => {
    const listen = await freeListen();
    const late = lateTls();
    const pool = opened.pool({ handlers });
    const a = await pool.storeNew({ name: 'a', listen }, { start: true });
    const b = PooledServer.create({ name: 'b', listen, ...inheriting }, { tls: late.ask });
    const c = opened.addServer(PooledServer.create({ name: 'c', listen }));
    const refused = failure<ServerError>(pool.store(b));
    await late.asked;
    const stored = pool.store(c);
    expect(states(pool)).toEqual(['a running']);
    late.answer(new Error('the vault is sealed'));
    expect((await refused).message).toContain('the vault is sealed');
    await stored;
    await a.stop();
    expect(states(pool)).toEqual(['c running']);
    expect([a.state, b.state]).toEqual(['stopped', 'stopped']);
  });

  it('leaves the old one in the pool, found and heard, when a new one fails', async () => {
    const { listen, free } = await opened.takenPort();
    const pool = opened.pool({ handlers });
    const old = await pool.storeNew({ name: 'old', listen });
    await failure(pool.start());
    const events = record(pool);
    await failure(pool.storeNew({ name: 'new', listen }, { start: true }));
    expect([old.state, pool.get('old'), pool.load(listen)]).toEqual(['failed', old, old]);
    expect(events).toEqual([]);
    await free();
    await pool.start();
    expect(events.map(({ server, state }) => `${server} ${state}`)).toEqual([
      'old starting',
      'old running',
    ]);
  });

  it.each(['handler', 'view'])(
    'serves the newest handlers of a %s set while it starts',
    async (how) => {
      const late = lateTls();
      const pool = opened.pool({ handlers, tls: late.ask });
      const server = await pool.storeNew({ name: 'a', listen: LOOPBACK, ...inheriting });
      const started = pool.start();
      await late.asked;
      (how === 'view' ? pool.filter('name', 'a') : pool).handler(() => ({ default: says('next') }));
      late.answer(tls);
      await started;
      expect(await text(server.url, { servername: 'localhost' })).toBe('next');
    },
  );

  it('serves the newest handlers that were set while an apply, or a rebind, was staged', async () => {
    const late = lateTls();
    const pool = opened.pool({ handlers, tls: late.ask });
    await pool.apply([{ name: 'a', listen: LOOPBACK }]);
    await pool.start();
    const applied = pool.apply([
      { name: 'a', listen: await freeListen() },
      { name: 'new', listen: LOOPBACK },
      { name: 'late', listen: LOOPBACK, ...inheriting },
    ]);
    await late.asked;
    pool.handler(() => ({ default: says('next') }));
    late.answer(tls);
    await applied;
    expect(await text(pool.get('a')?.url)).toBe('next');
    expect(await text(pool.get('new')?.url)).toBe('next');
    expect(await text(pool.get('late')?.url, { servername: 'localhost' })).toBe('next');
  });

  it('serves the newest handlers, whenever they were set while a server took the place of another', async () => {
    const listen = await freeListen();
    const pool = opened.pool({ handlers });
    await pool.storeNew({ name: '0', listen }, { start: true });
    // In each microtask of the staging: what is bound is taken over, and waits for nothing else.
    for (let each = 1; each <= 40; each += 1) {
      const stored = pool.storeNew({ name: `${each}`, listen }, { start: true });
      for (let microtask = 0; microtask < each; microtask += 1) await Promise.resolve();
      pool.handler(() => ({ default: says(`${each}`) }));
      const server = await stored;
      expect(await text(server.url)).toBe(`${each}`);
    }
  });

  it('runs nothing outside the pool when an addition is stopped, and the pool started again', async () => {
    const late = lateTls();
    const pool = opened.pool({ tls: late.ask });
    const added = pool.storeNew({ name: 'a', listen: LOOPBACK, ...inheriting }, { start: true });
    const server = opened.addServer(pool.get('a') as PooledServer);
    await late.asked;
    const calls = [added, pool.stop(), pool.start()];
    late.answer(tls);
    await Promise.allSettled(calls);
    expect(pool.get('a') === server ? 'in the pool' : server.state).toBe('stopped');
    expect(server.address).toBeUndefined();
  });

  it('tries no more for a server that was replaced while it waited for its address', async () => {
    const { listen, free } = await opened.takenPort();
    const pool = opened.pool({ handlers });
    const waits = { name: 'waits', listen, restart: { delay: 1, maxDelay: 1 } };
    const old = opened.addServer(await pool.storeNew(waits));
    const failed = waitFor(pool, ({ state }) => state === 'failed');
    const started = failure(old.start());
    await failed;
    await pool.storeNew({ name: 'next', listen });
    await started;
    await free();
    await pool.start();
    expect([old.state, ...states(pool)]).toEqual(['stopped', 'next running']);
  });

  it('drains a server whose listener has died, and that was stopped while it started again', async () => {
    const path = join(await opened.folder(), 'a.sock');
    const late = lateTls();
    let certificates: () => TlsOptions | Promise<TlsOptions> = () => tls;
    const server = opened.server(
      { name: 'a', listen: `unix:${path}`, ...inheriting },
      { handlers, tls: () => certificates() },
    );
    await server.start();
    server.listener?.die(new Error('gone'));
    certificates = late.ask;
    const outcome = failure(server.start());
    await late.asked;
    await server.stop();
    await outcome;
    expect([server.state, server.stats().connections]).toEqual(['stopped', 0]);
    await rm(path, { force: true });
  });

  it.each(['setConfig', 'apply'])(
    'moves a server by %s whose old socket file is removed before the move is over',
    async (call) => {
      const late = lateTls();
      let certificates: () => TlsOptions | Promise<TlsOptions> = () => tls;
      const pool = opened.pool({ handlers, tls: () => certificates() });
      const folder = await opened.folder();
      const [from, to] = [join(folder, 'from.sock'), join(folder, 'to.sock')];
      const options = (path: string) => ({ name: 'a', listen: `unix:${path}`, ...inheriting });
      const server = await pool.storeNew(options(from), { start: true });
      certificates = late.ask;
      const moved = call === 'apply' ? pool.apply([options(to)]) : server.setConfig(options(to));
      const outcome = moved.then(
        () => undefined,
        (error: Error) => error.message,
      );
      await late.asked;
      const { listener } = server;
      await rm(from);
      while (listener?.died === undefined) await new Promise(setImmediate);
      late.answer(tls);
      expect([await outcome, server.state, server.bind]).toEqual([
        undefined,
        'running',
        `unix:${to}`,
      ]);
      await server.healthCheck();
      expect(await isPortInUse(`unix:${to}`)).toBe(true);
      await pool.stop();
      expect(existsSync(to)).toBe(false);
    },
  );

  it('starts a server that is asked to while it takes the place of a stopped one', async () => {
    const listen = await freeListen();
    const pool = opened.pool({ handlers });
    await pool.storeNew({ name: 'old', listen });
    const next = opened.addServer(PooledServer.create({ name: 'next', listen }));
    await Promise.all([pool.store(next), next.start()]);
    expect(states(pool)).toEqual(['next running']);
  });

  it('hurries servers that are being deleted with a stop that leaves them no time', async () => {
    const { handler, entered, release } = held('late');
    const pool = opened.pool({ handlers: () => ({ default: handler }) });
    const options = { name: 'a', listen: LOOPBACK, shutdown: { timeout: '1h' } };
    const server = await pool.storeNew(options, { start: true });
    const answer = text(server.url).catch(() => 'cut');
    await entered.opened;
    const deleted = pool.delete(LOOPBACK);
    await pool.stop({ timeout: 0 });
    expect([await answer, server.state, await deleted]).toEqual(['cut', 'stopped', true]);
    release.open();
  });

  it('has stopped what it started when a start that was aborted rejects', async () => {
    const late = lateTls();
    const pool = opened.pool({ tls: late.ask });
    const plain = await pool.storeNew({ name: 'plain', listen: LOOPBACK });
    await pool.storeNew({ name: 'late', listen: LOOPBACK, ...inheriting });
    const running = waitFor(pool, ({ server, state }) => server === 'plain' && state === 'running');
    const controller = new AbortController();
    const started = failure<PoolError>(pool.start({ signal: controller.signal }));
    await Promise.all([running, late.asked]);
    const { url = '' } = plain;
    controller.abort();
    expect((await started).code).toBe(PoolErrorCode.ERR_POOL_START);
    expect(states(pool)).toEqual(['plain stopped', 'late stopped']);
    expect(await refusal(url)).toBe('ECONNREFUSED');
  });

  it('swaps the names of two servers in a merge', async () => {
    const [one, two] = [await freeListen(), await freeListen()];
    const pool = opened.pool({ handlers });
    await pool.apply([
      { name: 'x', listen: one },
      { name: 'y', listen: two },
    ]);
    const other = opened.pool();
    await other.apply([
      { name: 'y', listen: one },
      { name: 'x', listen: two },
    ]);
    await pool.merge(other);
    expect([...pool].map(({ name, bind }) => [name, bind])).toEqual([
      ['y', one],
      ['x', two],
    ]);
    expect([pool.get('x')?.bind, pool.load(one)?.name]).toEqual([two, 'y']);
  });

  it('takes no handlers from a server that comes to a pool that has none', async () => {
    const other = opened.pool({ handlers: () => ({ default: says('theirs') }) });
    const server = await other.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    const pool = opened.pool();
    await pool.merge(other);
    expect(await text(server.url)).toBe('theirs');
    pool.handler(() => ({ default: says('mine') }));
    expect(await text(server.url)).toBe('mine');
  });

  it('waits for an address that another pool of this process is about to leave', async () => {
    const listen = await freeListen();
    const former = opened.pool({ handlers });
    await former.storeNew({ name: 'a', listen, shutdown: { delay: 60 } }, { start: true });
    const stopped = former.stop();
    const next = opened.pool({ handlers: () => ({ default: says('next') }) });
    const server = await next.storeNew({ name: 'a', listen }, { start: true });
    expect(await text(server.url)).toBe('next');
    await stopped;
  });
});

describe('code of the user that fails', () => {
  const THEN = ['th', 'en'].join('');
  const write = (): never => {
    throw new Error('the disk is full');
  };
  const reject = (): Promise<never> => Promise.reject(new Error('the collector is away'));
  const thrown = (error: unknown): never => {
    throw error;
  };
  const unreadable = new Proxy(new Error('the disk is full'), {
    get: write,
    getPrototypeOf: write,
  });
  const then = (_done: unknown, failed: (error: unknown) => void): void => {
    failed(unreadable);
    write();
  };

  it.each<[string, unknown]>([
    ['throws', write],
    ['rejects', reject],
    ['throws what cannot be read', () => thrown(unreadable)],
    ['rejects with what cannot be read', () => Promise.reject(unreadable as Error)],
    ['gives what fails when it is waited for', () => ({ [THEN]: then })],
    ['lacks its methods', undefined],
  ])('has no effect on a pool: a logger that %s', async (_how, method) => {
    const logger = { log: method, warn: method, error: method } as unknown as PoolLogger;
    const pool = opened.pool({ handlers, logger });
    const events = record(pool);
    const listen = await freeListen();
    await pool.apply([{ name: 'a', listen }]);
    await pool.start();
    await pool.apply([{ name: 'a', listen, maxHandlers: 3 }]);
    await pool.get('a')?.restart();
    await pool.storeNew({ name: 'b', listen });
    expect(states(pool)).toEqual(['b running']);
    const reports = await pool.stop();
    expect([states(pool), reports.length]).toEqual([['b stopped'], 1]);
    expect(events.at(-1)?.state).toBe('stopped');
    expect(await refusal(`http://${listen}`)).toBe('ECONNREFUSED');
  });

  it('has no effect on other subscribers, in operators either', async () => {
    const pool = opened.pool({ handlers });
    pool.events$.subscribe(write);
    pool.events$.subscribe({ next: reject as () => void });
    pool.events$.subscribe(() => thrown(unreadable));
    pool.events$.pipe((source) => source).subscribe(write);
    pool.events$.pipe(map(write)).subscribe();
    pool.events$.pipe(map(write)).subscribe({ error: write });
    pool.events$.pipe(take(1)).subscribe({ complete: write });
    const events = record(pool);
    await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
    await pool.stop();
    expect(events.map(({ state }) => state)).toEqual([
      'stopped',
      'starting',
      'running',
      'draining',
      'stopped',
    ]);
  });

  it.each(['starting', 'running', 'draining', 'stopped'] as const)(
    'is queued as any other call when it calls at `%s`, and all hear of it in one order',
    async (state) => {
      const pool = opened.pool({ handlers });
      const server = await pool.storeNew({ name: 'a', listen: LOOPBACK });
      let calls: Promise<unknown>[] = [];
      const first = record(pool);
      const subscription = pool.events$.subscribe((event) => {
        if (event.state !== state || event.type !== 'state') return;
        subscription.unsubscribe();
        calls = [server.stop(), server.start(), pool.stop()];
      });
      const second = record(pool);
      await Promise.allSettled([pool.start(), pool.stop()]);
      await Promise.allSettled(calls);
      await pool.stop();
      expect(second).toEqual(first);
      expect([server.state, server.address]).toEqual(['stopped', undefined]);
      const changes = first.filter(({ type }) => type === 'state');
      for (const [at, event] of changes.entries()) {
        expect(event.previous).toBe(changes[at - 1]?.state ?? 'stopped');
      }
    },
  );
});

describe('options that are none', () => {
  it('are refused with a code where they are wrong, and may be null', async () => {
    const pool = opened.pool({ handlers });
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, null);
    await pool.start(null);
    await pool.restart(null);
    await server.healthCheck(null);
    const bad = { signal: {} } as never;
    const { ERR_POOL_ADD, ERR_POOL_RESTART, ERR_POOL_START, ERR_POOL_STOP } = PoolErrorCode;
    expect((await failure<PoolError>(pool.start(bad))).code).toBe(ERR_POOL_START);
    expect((await failure<PoolError>(pool.stop(bad))).code).toBe(ERR_POOL_STOP);
    expect((await failure<PoolError>(pool.restart(bad))).code).toBe(ERR_POOL_RESTART);
    expect(() => pool.clone(bad)).toThrow(expect.objectContaining({ code: ERR_POOL_ADD }));
    const { ERR_SERVER_VALIDATE } = ServerErrorCode;
    expect((await failure<ServerError>(server.healthCheck(bad))).code).toBe(ERR_SERVER_VALIDATE);
    const timeout = failure<ServerError>(server.stop({ timeout: 'x' }));
    expect((await timeout).code).toBe(ERR_SERVER_VALIDATE);
    expect(server.isRunning()).toBe(true);
    await server.stop(null);
    await pool.stop(null);
  });

  it('say what a default TLS rejected with that rejects with nothing', async () => {
    const pool = opened.pool({ tls: () => Promise.reject() });
    const added = pool.storeNew({ name: 'a', listen: LOOPBACK, ...inheriting }, { start: true });
    expect((await failure<ServerError>(added)).message).toMatch(/it rejected with nothing$/);
  });

  it('keep one listener on the signal of a hundred copies', async () => {
    const pool = opened.pool();
    await pool.storeNew({ name: 'a', listen: LOOPBACK });
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>): void => {
      listeners += 1;
      add(...args);
    };
    const copies = Array.from({ length: 100 }, () => opened.addPool(pool.clone({ signal })));
    expect(listeners).toBe(1);
    await copies[7]?.start();
    const stopped = waitFor(copies[7]!, ({ state }) => state === 'stopped');
    controller.abort();
    await stopped;
  });
});

it('stops a pool and a server at the end of the block that uses them', async () => {
  const pool = new Pool({ handlers });
  const server = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
  const alone = PooledServer.create({ name: 'b', listen: LOOPBACK });
  await alone.start();
  await pool[Symbol.asyncDispose]();
  await alone[Symbol.asyncDispose]();
  expect([server.state, alone.state]).toEqual(['stopped', 'stopped']);
});

it('starts nothing by a view behind a stop of the pool, nor what came in the place of another', async () => {
  const pool = new Pool();
  const former = await pool.storeNew({ name: 'a', listen: LOOPBACK }, { start: true });
  const { port } = former.address as { port: number };
  const a = { name: 'a', listen: `127.0.0.1:${port}` };
  await former.setConfig(a);
  const b = { name: 'b', listen: LOOPBACK, shutdown: { delay: 100 } };
  const waiting = await pool.storeNew(b, { start: true });
  void waiting.stop();
  void former.setConfig({ ...a, readTimeout: '5s' });
  const started = pool.filter('name', undefined, '.').start();
  await pool.storeNew(a);
  await pool.stop();
  await started;
  const states = [...pool].map(({ state }) => state);
  await pool.stop();
  expect(states).toEqual(['stopped', 'stopped']);
});
