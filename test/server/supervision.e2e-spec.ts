import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ServerErrorCode, type ServerError } from '../../lib/index.js';
import { failure, record, waitFor } from '../support/events.js';
import { says } from '../support/handlers.js';
import { ask, text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
const handlers = () => ({ default: says('here') });

afterEach(() => opened.closeAll());

describe('a server with `restart`', () => {
  it('waits at its start for an address in use, and serves when it is free', async () => {
    const pool = opened.pool({ handlers });
    const { listen, free } = await opened.takenPort();
    const restart = { delay: 5, maxDelay: 5, retries: 1_000 };
    const server = await pool.storeNew({ name: 'a', listen, restart });
    const failed = waitFor(pool, ({ state }) => state === 'failed');
    const started = server.start();
    expect((await failed).error).toMatchObject({ code: ServerErrorCode.ERR_SERVER_PORT_IN_USE });
    expect(server.isError()).toBe(true);
    await free();
    await started;
    expect(server.isError()).toBe(false);
    expect(await text(server.url)).toBe('here');
  });

  it('gives up when its retries are used up', async () => {
    const pool = opened.pool({ handlers });
    const events = record(pool);
    const { listen } = await opened.takenPort();
    const restart = { delay: 1, maxDelay: 4, retries: 3 };
    const server = await pool.storeNew({ name: 'a', listen, restart });
    const error = await failure<ServerError>(server.start());
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_PORT_IN_USE);
    expect(events.filter(({ state }) => state === 'starting')).toHaveLength(4);
    expect(server.state).toBe('failed');
  });

  it('tries no more once it is stopped, and its start tells why there was none', async () => {
    const pool = opened.pool({ handlers });
    const { listen } = await opened.takenPort();
    const server = await pool.storeNew({
      name: 'a',
      listen,
      restart: { delay: '1h', maxDelay: '1h' },
    });
    const failed = waitFor(pool, ({ state }) => state === 'failed');
    const outcome = failure<ServerError>(server.start());
    await failed;
    await server.stop();
    expect((await outcome).code).toBe(ServerErrorCode.ERR_SERVER_PORT_IN_USE);
    expect(server.state).toBe('stopped');
    expect(server.isError()).toBe(false);
  });

  it('does not retry what no retry can mend', async () => {
    const pool = opened.pool({ handlers });
    const events = record(pool);
    const options = { name: 'a', listen: '127.0.0.1:0', tlsMandatory: true, restart: { delay: 1 } };
    const server = await pool.storeNew(options);
    await failure(server.start());
    expect(events.filter(({ state }) => state === 'starting')).toHaveLength(1);
  });

  it('comes back when its socket file was removed, and keeps its open connections', async () => {
    const path = join(await opened.folder(), 'a.sock');
    const pool = opened.pool({ handlers });
    const options = { name: 'a', listen: `unix:${path}`, restart: { delay: 1 } };
    const server = await pool.storeNew(options, { start: true });
    const failed = waitFor(pool, ({ state }) => state === 'failed');
    const running = waitFor(pool, ({ state }) => state === 'running');
    await rm(path);
    expect((await failed).error?.message).toContain('was removed or replaced');
    await running;
    expect(server.isError()).toBe(false);
    expect((await ask('http://localhost/', { socketPath: path })).body).toBe('here');
  });
});

describe('a server without `restart`', () => {
  it('is failed and unhealthy when its socket file was removed, until it is started', async () => {
    const path = join(await opened.folder(), 'a.sock');
    const pool = opened.pool({ handlers });
    const server = await pool.storeNew({ name: 'a', listen: `unix:${path}` }, { start: true });
    const failed = waitFor(pool, ({ state }) => state === 'failed');
    await rm(path);
    await failed;
    expect((await failure(server.healthCheck())).message).toContain('was removed or replaced');
    expect((await pool.monitor())[0]).toMatchObject({ status: 'down', state: 'failed' });
    await server.start();
    expect(server.state).toBe('running');
    expect((await ask('http://localhost/', { socketPath: path })).body).toBe('here');
  });

  it('fails at once on an address in use', async () => {
    const pool = opened.pool({ handlers });
    const { listen } = await opened.takenPort();
    const server = await pool.storeNew({ name: 'a', listen });
    const error = await failure<ServerError>(server.start());
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_PORT_IN_USE);
    expect(error.message).toContain(listen);
  });
});
