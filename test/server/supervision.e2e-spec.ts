import { existsSync, mkdirSync, rmSync, watch } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ServerErrorCode,
  type Pool,
  type RestartOptions,
  type ServerError,
  type TlsOptions,
} from '../../lib/index.js';
import { tls as localTls } from '../support/certificates.js';
import { failure, gate, record, waitFor } from '../support/events.js';
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

  it('can be started again after it gave up', async () => {
    const pool = opened.pool({ handlers });
    const { listen, free } = await opened.takenPort();
    const restart = { delay: 1, maxDelay: 1, retries: 1 };
    const server = await pool.storeNew({ name: 'a', listen, restart });
    await failure(server.start());
    await free();
    await server.start();
    expect(await text(server.url)).toBe('here');
  });

  it('waits twice as long for each try, and no longer than it may', async () => {
    const pool = opened.pool({ handlers });
    const { listen } = await opened.takenPort();
    const outcome = async (name: string, restart: RestartOptions): Promise<number> => {
      const server = await pool.storeNew({ name, listen, restart });
      const began = performance.now();
      await failure(server.start());
      const took = performance.now() - began;
      await pool.delete(listen);
      return took;
    };
    // 10, 20 and 40 ms, of which a timer of Node may leave out a part of one each.
    expect(await outcome('a', { delay: 10, maxDelay: '1h', retries: 3 })).toBeGreaterThan(65);
    await outcome('b', { delay: 1, maxDelay: 2, retries: 30 });
  });

  it('makes the tries of one start, however often it is called meanwhile', async () => {
    const pool = opened.pool({ handlers });
    const events = record(pool);
    const { listen } = await opened.takenPort();
    const restart = { delay: '1h', maxDelay: '1h' };
    const server = await pool.storeNew({ name: 'a', listen, restart });
    const failed = waitFor(pool, ({ state }) => state === 'failed');
    const first = failure(server.start());
    await failed;
    const second = failure(server.start());
    await server.stop();
    expect(await second).toBe(await first);
    expect(events.filter(({ state }) => state === 'starting')).toHaveLength(1);
  });

  it('goes on to wait when the start of its pool, which came later, is given up', async () => {
    const pool = opened.pool({ handlers });
    const { listen, free } = await opened.takenPort();
    const restart = { delay: 5, maxDelay: 5, retries: 10_000 };
    const server = await pool.storeNew({ name: 'a', listen, restart });
    const failed = waitFor(pool, ({ state }) => state === 'failed');
    const started = server.start();
    await failed;
    const controller = new AbortController();
    const aborted = failure(pool.start({ signal: controller.signal }));
    controller.abort();
    await free();
    await started;
    await aborted;
    expect(await text(server.url)).toBe('here');
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

  it('tries on while something else has the place of its socket file', async () => {
    const path = join(await opened.folder(), 'a.sock');
    const pool = opened.pool({ handlers });
    const restart = { delay: 1, maxDelay: 1, retries: 10_000 };
    await pool.storeNew({ name: 'a', listen: `unix:${path}`, restart }, { start: true });
    const retried = waitFor(
      pool,
      ({ state, previous }) => previous === 'starting' && state === 'failed',
    );
    const running = waitFor(pool, ({ state }) => state === 'running');
    // In one turn: the server is not to find its place empty.
    rmSync(path);
    mkdirSync(path);
    await retried;
    await rmdir(path);
    await running;
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

describe('a unix socket that is lost while servers change', () => {
  /** A default TLS that is asked for, and then waited for. */
  const lateTls = () => {
    const asked = gate();
    const answer = gate();
    const tls = async (): Promise<TlsOptions> => {
      asked.open();
      await answer.opened;
      return localTls;
    };
    return { asked: asked.opened, answer: () => answer.open(), tls };
  };

  const loseBeforeApplied = async (restart?: RestartOptions): Promise<[Pool, string]> => {
    const folder = await opened.folder();
    const path = join(folder, 'a.sock');
    const { asked, answer, tls } = lateTls();
    const pool = opened.pool({ handlers, tls });
    await pool.start();
    const bound = changeOf(folder, () => existsSync(path));
    const applied = pool.apply([
      { name: 'a', listen: `unix:${path}`, restart },
      { name: 'b', listen: '127.0.0.1:0', tls: { inheritDefault: true } },
    ]);
    await Promise.all([asked, bound]);
    const removed = changeOf(folder, () => !existsSync(path));
    await rm(path);
    await removed;
    answer();
    await applied;
    return [pool, path];
  };

  it('is bound anew by the server that takes it over', async () => {
    const path = join(await opened.folder(), 'a.sock');
    const { asked, answer, tls } = lateTls();
    const pool = opened.pool({ handlers, tls });
    const restart = { delay: 1 };
    const old = await pool.storeNew(
      { name: 'a', listen: `unix:${path}`, restart },
      { start: true },
    );
    const events = record(pool);
    const failed = waitFor(pool, ({ state }) => state === 'failed');
    const options = { name: 'b', listen: `unix:${path}`, tls: { inheritDefault: true } };
    const stored = pool.storeNew(options);
    await asked;
    await rm(path);
    await failed;
    answer();
    const server = await stored;
    expect(server.state).toBe('running');
    expect(server.address).toEqual({ path });
    await server.healthCheck();
    expect(existsSync(path)).toBe(true);
    // It is replaced: no restart of its own brings it back.
    await old.stop();
    expect(old.state).toBe('stopped');
    expect(events.filter(({ state }) => state === 'starting')).toHaveLength(1);
  });

  it('makes a server failed that an apply has just bound', async () => {
    const [pool] = await loseBeforeApplied();
    const [a, b] = [...pool];
    expect(a?.state).toBe('failed');
    expect((await failure(a!.healthCheck())).message).toContain('was removed or replaced');
    expect(b?.state).toBe('running');
  });

  it('is bound again for a server with `restart` that an apply has just bound', async () => {
    const [pool, path] = await loseBeforeApplied({ delay: 1 });
    const [a] = [...pool];
    if (a?.state !== 'running') await waitFor(pool, ({ state }) => state === 'running');
    expect((await ask('http://localhost/', { socketPath: path })).body).toBe('here');
  });
});

/** Resolves when a change of the folder has made it so, and all that watch it were told. */
function changeOf(folder: string, isSo: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, () => {
      if (!isSo()) return;
      watcher.close();
      setImmediate(resolve);
    });
  });
}
