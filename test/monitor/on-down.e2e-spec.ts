import { afterEach, describe, expect, it } from '@jest/globals';
import type { Pool, PoolEvent, PooledServer, ServerOptions } from '../../lib/index.js';
import { record, waitFor } from '../support/events.js';
import { Journal, LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { protocols } from '../support/protocols.js';

const MONITOR = {
  path: '/',
  intervalCheck: 5,
  intervalFall: 5,
  intervalRise: 5,
  fallCountWarn: 1,
  fallCountKO: 1,
  riseCountKO: 1,
  riseCountWarn: 1,
};

describe('restart.onDown', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  /** Answers 500 until `mended` says otherwise. */
  const sick = async (
    options: Partial<ServerOptions>,
    mended: (pool: Pool) => boolean,
  ): Promise<{ pool: Pool; server: PooledServer; journal: Journal }> => {
    const journal = new Journal();
    const pool = opened.pool({
      logger: journal,
      handlers: () => ({
        '': (_request, response) => void response.writeHead(mended(pool) ? 200 : 500).end(),
      }),
    });
    const server = await pool.storeNew({
      name: 'a',
      listen: LOOPBACK,
      monitor: MONITOR,
      ...options,
    });
    return { pool, server, journal };
  };
  const isUp = ({ type, status }: PoolEvent): boolean => type === 'health' && status === 'up';
  const restartsIn = (events: readonly PoolEvent[]): number =>
    events.filter(({ type }) => type === 'restart').length;

  it.each(protocols)(
    'restarts a server that is down until it is up, over $name',
    async (protocol) => {
      let restarts = 0;
      const restart = { onDown: true, delay: 1, maxDelay: 1 };
      const { pool, server } = await sick({ ...protocol.options, restart }, () => restarts >= 3);
      pool.events$.subscribe(({ type }) => (restarts += Number(type === 'restart')));
      const risen = waitFor(pool, isUp);
      await server.start();
      const { url } = server;
      await risen;
      expect(restarts).toBe(3);
      expect([server.state, server.url]).toEqual(['running', url]);
    },
  );

  it('says once that the retries are used up, and leaves the server as it is', async () => {
    let checks = 0;
    const restart = { onDown: true, delay: 1, maxDelay: 1, retries: 2 };
    const { pool, server, journal } = await sick({ restart }, () => {
      checks += 1;
      return false;
    });
    const events = record(pool);
    await server.start();
    const said = /is down after 2 restarts, and stays as it is/;
    while (journal.matching(said).length === 0) await turn();
    const before = checks;
    while (checks < before + 5) await turn();
    expect(restartsIn(events)).toBe(2);
    expect(journal.matching(said)).toHaveLength(1);
    expect(server.isRunning()).toBe(true);
  });

  it('restarts anew a server whose retries were used up, and that was stopped and started since', async () => {
    const restart = { onDown: true, delay: 1, maxDelay: 1, retries: 1 };
    const { pool, server, journal } = await sick({ restart }, () => false);
    const events = record(pool);
    const said = /is down after 1 restart, and stays as it is/;
    for (const times of [1, 2]) {
      await server.start();
      while (journal.matching(said).length < times) await turn();
      expect(restartsIn(events)).toBe(times);
      await server.stop();
    }
  });

  it('is off unless asked for', async () => {
    let checks = 0;
    const { pool, server } = await sick({ restart: {} }, () => {
      checks += 1;
      return false;
    });
    const events = record(pool);
    await server.start();
    while (checks < 10) await turn();
    expect(restartsIn(events)).toBe(0);
  });

  it('starts nothing that was stopped: a stop at the moment of the fall stands', async () => {
    const { pool, server } = await sick({ restart: { onDown: true, delay: 1 } }, () => false);
    let stopped: Promise<unknown> | undefined;
    pool.events$.subscribe(({ status }) => {
      if (status === 'down') stopped ??= server.stop();
    });
    const fallen = waitFor(pool, ({ status }) => status === 'down');
    await server.start();
    await fallen;
    await stopped;
    expect(server.state).toBe('stopped');
    await turn();
    expect(server.state).toBe('stopped');
  });

  it.each([[{ onDown: 'yes' }], [{ onDown: 1 }]])('refuses %j', (restart) => {
    const options = { name: 'a', listen: LOOPBACK, restart } as never;
    expect(() => opened.server(options)).toThrow(/restart\.onDown: got .*, give true or false/);
  });
});

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
