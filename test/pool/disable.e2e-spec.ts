import { afterEach, describe, expect, it } from '@jest/globals';
import {
  PooledServer,
  ServerErrorCode,
  type Pool,
  type ServerError,
  type ServerOptions,
} from '../../lib/index.js';
import { failure, record, waitFor } from '../support/events.js';
import { says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

type Disable = (pool: Pool, server: PooledServer, options: ServerOptions) => Promise<unknown>;

/** The ways in which a server of a pool comes to be disabled. */
const ways: [name: string, disable: Disable][] = [
  ['setConfig', (_pool, server, options) => server.setConfig(options)],
  ['apply', (pool, _server, options) => pool.apply([options])],
  ['merge', (_pool, server, options) => server.merge(PooledServer.create(options))],
];

describe.each(ways)('a failed server that %s disables', (_name, disable) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const failed = async (more: Partial<ServerOptions> = {}) => {
    const taken = await opened.takenPort();
    const options = { name: 'a', listen: taken.listen, ...more };
    const pool = opened.pool({ handlers: () => ({ default: says('hello') }) });
    const server = await pool.storeNew(options);
    const hasFailed = waitFor(pool, ({ state }) => state === 'failed');
    const outcome = failure<ServerError>(server.start());
    await hasFailed;
    return { pool, server, options, outcome, free: taken.free };
  };

  it('is stopped, without an error', async () => {
    const { pool, server, options, outcome } = await failed();
    await outcome;
    await disable(pool, server, { ...options, disabled: true });
    expect([server.state, server.disabled, server.isError()]).toEqual(['stopped', true, false]);
    expect(pool.stats().failed).toBe(0);
  });

  it('is not tried for any more', async () => {
    const { pool, server, options, outcome } = await failed({
      restart: { delay: '1h', maxDelay: '1h' },
    });
    const events = record(pool);
    await disable(pool, server, { ...options, disabled: true });
    // The start that waited for the next try ends, with what it last met.
    expect((await outcome).code).toBe(ServerErrorCode.ERR_SERVER_PORT_IN_USE);
    expect([server.state, server.isError()]).toEqual(['stopped', false]);
    expect(events.filter(({ state }) => state === 'starting')).toEqual([]);
  });

  it('starts when it is enabled again', async () => {
    const { pool, server, options, outcome, free } = await failed();
    await outcome;
    await disable(pool, server, { ...options, disabled: true });
    await server.start();
    expect(server.state).toBe('stopped');
    await free();
    await disable(pool, server, options);
    await server.start();
    expect([server.state, server.isError()]).toEqual(['running', false]);
    expect(await text(server.url)).toBe('hello');
  });
});
