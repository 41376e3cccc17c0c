import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledServer, type Pool, type ServerOptions } from '../../lib/index.js';
import { freeListen } from '../support/free-port.js';
import { says } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { states } from './support/running-pools.js';
import { SilentTls } from './support/silent-tls.js';

/**
 * A server with `shutdown.last` waits for a default TLS that never answers, a call of the pool waits for that server and holds
 * another one meanwhile: a stop of the pool stops the other one first, and must not wait for ever.
 */
describe('a server that stops last, and waits for a default TLS', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const waiting = async ({ runs }: { runs: boolean }) => {
    const source = new SilentTls();
    const pool = opened.pool({ handlers: () => ({ default: says('hello') }), tls: source.tls });
    const first: ServerOptions = { name: 'first', listen: await freeListen() };
    const last: ServerOptions = {
      name: 'last',
      listen: await freeListen(),
      tls: { inheritDefault: true },
      shutdown: { last: true },
    };
    await pool.storeNew(first, { start: true });
    const server = await pool.storeNew(last, { start: runs });
    source.beSilent();
    return { pool, first, last, server, asked: source.asked };
  };

  type Waiting = Awaited<ReturnType<typeof waiting>>;

  const what: readonly [string, boolean, (server: PooledServer) => Promise<unknown>][] = [
    ['start', false, (server) => server.start()],
    ['restart', true, (server) => server.restart()],
    ['setConfig', true, (server) => server.setConfig({ ...server.config, maxHandlers: 9 })],
  ];

  const calls: readonly [string, (waiting: Waiting) => Promise<unknown>][] = [
    [
      'an apply that changes both',
      ({ pool, first, last }) =>
        pool.apply([
          { ...first, maxHandlers: 7 },
          { ...last, maxHandlers: 7 },
        ]),
    ],
    [
      'an apply in which they change places',
      ({ pool, first, last }) =>
        pool.apply([
          { ...first, listen: last.listen },
          { ...last, listen: first.listen },
        ]),
    ],
    [
      'a merge',
      ({ pool, first, last }) => {
        const servers = [first, last].map(({ name, listen }) =>
          PooledServer.create({ name, listen, maxHandlers: 7 }),
        );
        return pool.merge(opened.pool({ servers }));
      },
    ],
  ];

  const stops: readonly [string, (pool: Pool) => Promise<unknown>, string[]][] = [
    ['stop', (pool) => pool.stop(), ['first stopped', 'last stopped']],
    ['stop in a hurry', (pool) => pool.stop({ timeout: 0 }), ['first stopped', 'last stopped']],
    [
      'stop of a view',
      (pool) => pool.filter('name', '', '.').stop(),
      ['first stopped', 'last stopped'],
    ],
    ['clean', (pool) => pool.clean(), []],
  ];

  describe.each(what)('in a %s', (_what, runs, wait) => {
    describe.each(calls)('for which %s waits', (_call, call) => {
      it.each(stops)('lets a %s come to its end', async (_stop, stop, left) => {
        const found = await waiting({ runs });
        const waits = wait(found.server).catch(() => undefined);
        await found.asked.opened;
        const called = call(found).catch(() => undefined);
        await stop(found.pool);
        await Promise.all([waits, called]);
        expect(states(found.pool)).toEqual(left);
        expect(found.server.state).toBe('stopped');
      });
    });
  });
});
