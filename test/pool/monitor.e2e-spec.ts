import { afterEach, describe, expect, it } from '@jest/globals';
import {
  PoolErrorCode,
  type PoolError,
  type ServerError,
  type ServerOptions,
} from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { failure } from '../support/events.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

describe('monitoring', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const probed = (more: Partial<ServerOptions>): ServerOptions => ({
    name: 'a',
    listen: LOOPBACK,
    monitor: { path: '/health', checkTimeout: '5s' },
    ...more,
  });

  it('names the monitors: the name of the config, else one made of name and address', async () => {
    const pool = opened.pool();
    expect(pool.monitorNames()).toEqual([]);
    await pool.storeNew({ name: 'a', listen: ':7001' });
    await pool.storeNew({ name: 'b', listen: LOOPBACK, monitor: { name: 'the B' } });
    expect(pool.monitorNames()).toEqual(['HTTP Server a [[::]:7001]', 'the B']);
  });

  it('reports on every server', async () => {
    const pool = opened.pool();
    const monitor = { data: { team: 'red' } };
    await pool.storeNew({ name: 'up', listen: LOOPBACK, monitor }, { start: true });
    await pool.storeNew({ name: 'down', listen: LOOPBACK });
    await pool.storeNew({ name: 'off', listen: LOOPBACK, disabled: true });
    const [up, down, off] = await pool.monitor('1.2.3');
    expect(up).toMatchObject({ server: 'up', status: 'up', state: 'running', data: monitor.data });
    expect(up).not.toHaveProperty('message');
    expect(up?.info).toEqual({ version: '1.2.3', runtime: process.version, handler: '' });
    expect(up?.uptime).toBeGreaterThan(0);
    expect(down).toMatchObject({ server: 'down', status: 'down', state: 'stopped', uptime: 0 });
    expect(down?.message).toBe("Server 'down' (127.0.0.1:0) is not running, it is stopped");
    expect(off).toMatchObject({ server: 'off', status: 'up', disabled: true });
  });

  it('is empty for an empty pool', async () => {
    expect(await opened.pool().monitor()).toEqual([]);
  });

  it('tells why a server failed', async () => {
    const pool = opened.pool();
    const { listen } = await opened.takenPort();
    await pool.storeNew({ name: 'a', listen });
    await failure(pool.start());
    const [report] = await pool.monitor();
    expect(report).toMatchObject({ status: 'down', state: 'failed' });
    expect(report?.message).toContain('EADDRINUSE');
  });

  it('rejects with ERR_POOL_MONITOR when a check cannot be made', async () => {
    const pool = opened.pool();
    const server = await pool.storeNew({ name: 'a', listen: LOOPBACK });
    await pool.storeNew({ name: 'b', listen: LOOPBACK });
    // A subclass of a user, say, whose monitor breaks.
    server.monitor = () => Promise.reject(new Error('broken'));
    const error = await failure<PoolError>(pool.monitor());
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_MONITOR);
    expect(error.errors.map(({ server: name }) => name)).toEqual(['a']);
    expect(error.message).toContain('broken');
  });

  describe.each([
    ['http', {}],
    ['https', { tls }],
    ['h2c', { protocol: 'http2' as const }],
    ['h2', { protocol: 'http2' as const, tls }],
  ])('by an HTTP probe over %s', (_name, more) => {
    it('is healthy when the path answers', async () => {
      const paths: unknown[] = [];
      const server = opened.server(probed(more), {
        handlers: () => ({
          '': (request, response) => {
            paths.push(request.url);
            response.end('ok');
          },
        }),
      });
      await server.start();
      await expect(server.healthCheck()).resolves.toBeUndefined();
      expect(paths).toEqual(['/health']);
    });

    it('rejects with the status when the path answers with an error', async () => {
      const server = opened.server(probed(more), {
        handlers: () => ({ '': (_request, response) => void response.writeHead(503).end() }),
      });
      await server.start();
      await expect(server.healthCheck()).rejects.toThrow('GET /health answered 503');
    });

    it('rejects when there is no answer in time', async () => {
      const { handler } = held('never');
      const monitor = { path: '/health', checkTimeout: 50 };
      const options = probed({ ...more, monitor });
      const server = opened.server(options, { handlers: () => ({ '': handler }) });
      await server.start();
      await expect(server.healthCheck()).rejects.toThrow('no answer within 50 ms');
    });

    it('rejects when its signal aborts', async () => {
      const { handler, entered } = held('never');
      const server = opened.server(probed(more), { handlers: () => ({ '': handler }) });
      await server.start();
      const controller = new AbortController();
      const checked = failure(server.healthCheck({ signal: controller.signal }));
      await entered.opened;
      controller.abort();
      expect((await checked).cause).toMatchObject({ name: 'AbortError' });
    });
  });

  it('by a TCP connect is healthy whatever the handler does', async () => {
    const server = opened.server({ name: 'a', listen: LOOPBACK });
    await server.start();
    await expect(server.healthCheck()).resolves.toBeUndefined();
  });

  it.each(['0.0.0.0:0', ':0', '[::1]:0'])('reaches a server on %s', async (listen) => {
    const server = opened.server(probed({ listen }), { handlers: () => ({ '': says('ok') }) });
    await server.start();
    await expect(server.healthCheck()).resolves.toBeUndefined();
  });

  it('reaches a server on a unix socket', async () => {
    const listen = `unix:${await opened.folder()}/a.sock`;
    for (const monitor of [{ path: '/health' }, {}]) {
      const server = opened.server(probed({ listen, monitor }), {
        handlers: () => ({ '': says('ok') }),
      });
      await server.start();
      await expect(server.healthCheck()).resolves.toBeUndefined();
      await server.stop();
    }
  });

  it('rejects with the reason when the server does not run', async () => {
    const server = opened.server({ name: 'a', listen: LOOPBACK });
    const error = await failure<ServerError>(server.healthCheck());
    expect([error.server, error.bind]).toEqual(['a', LOOPBACK]);
    expect(error.message).toContain('it is stopped');
    const aborted = server.healthCheck({ signal: AbortSignal.abort() });
    await expect(aborted).rejects.toThrow('it is stopped');
  });

  it('is down at the first failed check when no monitor is configured', async () => {
    const server = opened.server({ name: 'a', listen: LOOPBACK });
    await server.start();
    expect((await server.monitor()).status).toBe('up');
    await server.stop();
    expect((await server.monitor()).status).toBe('down');
  });
});
