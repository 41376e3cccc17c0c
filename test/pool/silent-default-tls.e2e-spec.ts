import { afterEach, describe, expect, it } from '@jest/globals';
import {
  PoolErrorCode,
  PooledServer,
  ServerErrorCode,
  type Pool,
  type PoolError,
  type ServerError,
} from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { failure, gate, waitFor } from '../support/events.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { refusal } from '../support/raw-client.js';

const inheriting = { name: 'a', listen: LOOPBACK, tls: { inheritDefault: true } };

/** A default TLS that comes to answer only when it is told to. */
class Vault {
  /** Opens when it is asked and does not answer. */
  readonly asked = gate();
  readonly answer = gate<typeof tls>();
  private left = Infinity;

  readonly tls = (): Promise<typeof tls> => {
    this.left -= 1;
    if (this.left >= 0) return Promise.resolve(tls);
    this.asked.open();
    return this.answer.opened;
  };

  /** @param answers How many more it gives */
  fallSilent(answers = 0): void {
    this.left = answers;
  }
}

/** What a server may be asked for, that waits for the default TLS, and what becomes of it. */
const calls: [name: string, call: (server: PooledServer) => Promise<unknown>, words: string][] = [
  ['restart', (server) => server.restart(), 'was stopped while it restarted'],
  [
    'setConfig',
    (server) => server.setConfig({ ...inheriting, maxHandlers: 7 }),
    'was stopped while its config changed',
  ],
  [
    'merge',
    (server) => server.merge(PooledServer.create({ ...inheriting, maxHandlers: 7 })),
    'was stopped while its config changed',
  ],
];

/** How a server comes to be stopped. */
const stops: [name: string, stop: (pool: Pool, server: PooledServer) => Promise<unknown>][] = [
  ['stop', (_pool, server) => server.stop()],
  ['a stop of the pool', (pool) => pool.stop()],
  ['delete', (pool, server) => pool.delete(new URL(server.url ?? '').host)],
  ['clean', (pool) => pool.clean()],
];

describe('a default TLS that never answers', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const running = async () => {
    const vault = new Vault();
    const pool = opened.pool({ handlers: () => ({ default: says('hello') }), tls: vault.tls });
    const server = await pool.storeNew(inheriting, { start: true });
    opened.addServer(server);
    vault.fallSilent();
    return { vault, pool, server };
  };

  describe.each(stops)('gives way to %s', (_stop, stop) => {
    it.each(calls)('behind %s', async (_call, call, words) => {
      const { vault, pool, server } = await running();
      const outcome = failure<ServerError>(call(server));
      await vault.asked.opened;
      await stop(pool, server);
      const error = await outcome;
      expect(error.code).toBe(ServerErrorCode.ERR_SERVER_START);
      expect(error.message).toBe(`Server 'a' ${words}`);
      expect([server.state, server.isError()]).toEqual(['stopped', false]);
      vault.answer.open(tls);
      await vault.answer.opened;
      expect([server.state, server.config.maxHandlers]).toEqual(['stopped', undefined]);
    });

    it('behind a line of calls', async () => {
      const { pool, server } = await running();
      const outcomes = [
        ...calls.map(([, call]) => call(server)),
        server.stop(),
        server.start(),
        server.restart(),
      ].map((outcome) => outcome.then(String, String));
      await stop(pool, server);
      expect(await Promise.all(outcomes)).toEqual([
        "ServerError: Server 'a' was stopped while it restarted",
        "ServerError: Server 'a' was stopped while its config changed",
        "ServerError: Server 'a' was stopped while its config changed",
        '[object Object]',
        "ServerError: Server 'a' was stopped while it started",
        "ServerError: Server 'a' was stopped while it started",
      ]);
      expect(server.state).toBe('stopped');
    });

    it('behind an apply that stages its change', async () => {
      const { vault, pool, server } = await running();
      const { url = '' } = server;
      const applied = failure<PoolError>(pool.apply([{ ...inheriting, maxHandlers: 7 }]));
      await vault.asked.opened;
      await stop(pool, server);
      expect((await applied).code).toBe(PoolErrorCode.ERR_POOL_START);
      expect([server.state, server.config.maxHandlers]).toEqual(['stopped', undefined]);
      expect(await refusal(url)).toBe('ECONNREFUSED');
    });

    it('behind an apply that makes its plan', async () => {
      const { vault, pool, server } = await running();
      const applied = pool.apply([{ ...inheriting, maxHandlers: 7 }]);
      await vault.asked.opened;
      await stop(pool, server);
      expect(server.state).toBe('stopped');
      vault.answer.open(tls);
      await applied.catch(() => undefined);
      expect(server.state).toBe('stopped');
    });
  });

  it.each([
    ['stop', 'stopped'],
    ['clean', 'cleaned'],
  ] as const)('keeps no apply waiting after a %s of the pool', async (how, done) => {
    const { vault, pool } = await running();
    const applied = failure<PoolError>(pool.apply([{ ...inheriting, maxHandlers: 7 }]));
    await vault.asked.opened;
    await pool[how]();
    const error = await applied;
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_START);
    expect(error.message).toBe(`The pool is as before, the pool was ${done} meanwhile`);
    expect((await pool.apply([{ name: 'b', listen: LOOPBACK }])).add).toEqual(['b']);
  });

  it('is asked anew by a start after the stop', async () => {
    const { vault, server } = await running();
    const outcome = failure(server.restart());
    await vault.asked.opened;
    const stopped = server.stop();
    const started = server.start();
    await Promise.all([outcome, stopped]);
    vault.answer.open(tls);
    await started;
    expect(await text(server.url, { servername: 'localhost' })).toBe('hello');
  });

  it('gives way to a stop of a server with `restart`', async () => {
    const asked = gate();
    const server = opened.server(
      { ...inheriting, restart: {} },
      {
        tls: () => {
          asked.open();
          return new Promise<never>(() => undefined);
        },
      },
    );
    const outcome = failure<ServerError>(server.start());
    await asked.opened;
    await server.stop();
    expect((await outcome).message).toBe("Server 'a' was stopped while it started");
  });

  it.each(stops.slice(1))(
    'gives way to %s when a server takes over an address',
    async (_, stop) => {
      const vault = new Vault();
      const pool = opened.pool({ handlers: () => ({ default: says('hello') }), tls: vault.tls });
      const { listen, free } = await opened.takenPort();
      await free();
      const old = await pool.storeNew({ name: 'old', listen }, { start: true });
      vault.fallSilent();
      const next = PooledServer.create({ ...inheriting, listen }, { tls: vault.tls });
      opened.addServer(old);
      opened.addServer(next);
      const { url = '' } = old;
      const stored = failure<ServerError>(pool.store(next));
      await vault.asked.opened;
      await stop(pool, old);
      expect((await stored).message).toBe("Server 'a' was stopped while it started");
      await old.stop();
      expect([old.state, next.state]).toEqual(['stopped', 'stopped']);
      expect(await refusal(url)).toBe('ECONNREFUSED');
    },
  );

  it('gives way to a stop of the server whose address is taken over', async () => {
    const vault = new Vault();
    const pool = opened.pool({ handlers: () => ({ default: says('hello') }), tls: vault.tls });
    const { listen, free } = await opened.takenPort();
    await free();
    const old = await pool.storeNew({ name: 'old', listen }, { start: true });
    vault.fallSilent();
    const stored = failure<ServerError>(pool.storeNew({ ...inheriting, listen }));
    await vault.asked.opened;
    await old.stop();
    expect((await stored).message).toBe("Server 'a' was stopped while it started");
    expect(old.state).toBe('stopped');
    expect([...pool]).toEqual([old]);
  });

  it('gives way to a start of a pool that is taken back', async () => {
    const { vault, pool } = await running();
    await pool.storeNew({ ...inheriting, name: 'b' });
    const started = failure<PoolError>(pool.start());
    await vault.asked.opened;
    const stopped = waitFor(pool, ({ server, state }) => server === 'b' && state === 'stopped');
    await pool.stop();
    await stopped;
    expect((await started).errors).toMatchObject([{ server: 'b' }]);
  });

  it('fails a restart whose listener dies while it waits', async () => {
    const vault = new Vault();
    const server = opened.server(inheriting, { tls: vault.tls });
    await server.start();
    vault.fallSilent();
    const restarted = failure(server.restart());
    await vault.asked.opened;
    server.listener?.die(new Error('gone'));
    vault.answer.open(tls);
    expect(await restarted).toMatchObject({ code: ServerErrorCode.ERR_SERVER_START });
    expect((await restarted).message).toContain('its listener was lost meanwhile');
    expect(server.state).toBe('failed');
  });
});
