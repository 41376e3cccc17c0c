import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledServer, type Pool, type PoolError, type ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { failure, record } from '../support/events.js';
import { freeListen } from '../support/free-port.js';
import { says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { get, on, states } from './support/running-pools.js';
import { SilentTls } from './support/silent-tls.js';

/** Another server on the same address. */
const heavier = ({ name, listen }: ServerOptions): PooledServer =>
  PooledServer.create({ name, listen, maxHandlers: 9 });

/**
 * A server may be taken out as it is while a call of the pool waits for it, be it for a default TLS that never answers. A stop of the
 * pool does not reach it any more, and nothing of the pool must wait for it.
 */
describe('a server that is taken out while the pool waits for it', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  /** A pool with a server 'b', and a server 'a' that does not get its default TLS. */
  const waiting = async ({ runs }: { runs: boolean }) => {
    const source = new SilentTls();
    const pool = opened.pool({ handlers: () => ({ default: says('hello') }), tls: source.tls });
    const a: ServerOptions = on('a', { listen: await freeListen(), tls: { inheritDefault: true } });
    const server = opened.addServer(await pool.storeNew(a, { start: runs }));
    await pool.storeNew(on('b'));
    source.beSilent();
    /** It is the test's from here on, which has it stopped. */
    const take = (): PooledServer => pool.loadAndDelete(a.listen) as PooledServer;
    const { asked, answer } = source;
    return { pool, a, server, asked, answer, take };
  };

  type Waiting = Awaited<ReturnType<typeof waiting>>;

  const calls: readonly [string, (waiting: Waiting) => Promise<unknown>][] = [
    ['an apply that changes it', ({ pool, a }) => pool.apply([{ ...a, maxHandlers: 9 }, on('b')])],
    ['an apply that removes it', ({ pool, a }) => pool.apply([on('c', { listen: a.listen })])],
    ['a dry run', ({ pool, a }) => pool.apply([{ ...a, maxHandlers: 9 }], { dryRun: true })],
    ['a merge', ({ pool, a }) => pool.merge(opened.pool({ servers: [heavier(a)] }))],
    ['a store', ({ pool, a }) => pool.storeNew(on('c', { listen: a.listen }))],
    ['a start', ({ pool }) => pool.start()],
    ['a start of a view', ({ pool }) => pool.filter('name', 'a').start()],
    ['a restart', ({ pool }) => pool.restart()],
    ['a restart of several at once', ({ pool }) => pool.restart({ concurrency: 9 })],
  ];

  const settled = (call: Promise<unknown>): Promise<unknown> => Promise.allSettled([call]);

  describe.each(calls)('%s', (_name, call) => {
    it.each([
      ['starts', false, (server: PooledServer) => server.start()],
      ['restarts', true, (server: PooledServer) => server.restart()],
      ['changes', true, (server: PooledServer) => server.setConfig(server.config)],
    ] as const)('is over when it %s', async (_what, runs, wait) => {
      const found = await waiting({ runs });
      const { pool, server, asked, answer, take } = found;
      const waits = settled(wait(server));
      await asked.opened;
      const called = settled(call(found));
      take();
      await called;
      await pool.stop();
      expect(new Set(states(pool))).not.toContain('b running');
      await pool.apply([on('b')]);
      // It goes on as if the pool had never wanted anything of it.
      answer.open(tls);
      await waits;
      expect([server.state, server.config.maxHandlers]).toEqual(['running', undefined]);
      expect(await text(server.url, { servername: 'localhost' })).toBe('hello');
      await server.stop();
      expect(server.state).toBe('stopped');
    });
  });

  it('leaves the others their turn in a restart, one after the other', async () => {
    const { pool, asked, take } = await waiting({ runs: true });
    await get(pool, 'b').start();
    const events = record(pool);
    const restarted = pool.restart();
    await asked.opened;
    take();
    await restarted;
    expect(events.map(({ type, server }) => `${server} ${type}`)).toEqual([
      'a removed',
      'b restart',
    ]);
  });

  it('has its address when it comes back before the list that gives it away', async () => {
    const { pool, a, server, asked, answer, take } = await waiting({ runs: false });
    const started = server.start();
    await asked.opened;
    const added = on('c', { listen: a.listen, tls: { inheritDefault: true } });
    const applied = failure<PoolError>(pool.apply([added, on('a'), on('b')]));
    await pool.store(take());
    answer.open(tls);
    const error = await applied;
    expect(error.code).toBe('ERR_POOL_START');
    await started.catch(() => undefined);
    expect([...pool].map(({ name }) => name)).toEqual(['b', 'a']);
    expect(pool.load(a.listen)).toBe(server);
  });

  it.each([
    ['start', (pool: Pool, signal: AbortSignal) => pool.start({ signal })],
    ['restart', (pool: Pool, signal: AbortSignal) => pool.restart({ signal })],
  ])('keeps no %s from being given up', async (_name, call) => {
    const { pool, asked, take } = await waiting({ runs: false });
    const controller = new AbortController();
    const called = settled(call(pool, controller.signal));
    await asked.opened;
    const taken = take();
    controller.abort();
    await called;
    expect(taken.state).toBe('starting');
  });
});
