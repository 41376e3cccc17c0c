import { access, readdir, writeFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledServer, ServerErrorCode, type ServerError } from '../../lib/index.js';
import { failure } from '../support/events.js';
import { held, LOOPBACK, says } from '../support/handlers.js';
import { ask, text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const serverOn = (listen: string): PooledServer =>
  opened.server({ name: 'a', listen }, { handlers: () => ({ default: says('hello') }) });

describe('an address that cannot be bound', () => {
  const expectFailure = async (listen: string): Promise<ServerError> => {
    const server = serverOn(listen);
    const error = await failure<ServerError>(server.start());
    expect(error.name).toBe('ServerError');
    expect(error.message).toContain(`Server 'a' cannot listen on ${listen}: `);
    expect([error.server, error.bind]).toEqual(['a', listen]);
    expect(server).toMatchObject({ state: 'failed', address: undefined, url: undefined });
    expect(server.getError()).toBe(error);
    await server.stop();
    expect([server.state, server.isError()]).toEqual(['stopped', false]);
    return error;
  };

  it('is in use: ERR_SERVER_PORT_IN_USE', async () => {
    const error = await expectFailure((await opened.takenPort()).listen);
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_PORT_IN_USE);
    expect((error.cause as NodeJS.ErrnoException).code).toBe('EADDRINUSE');
  });

  it('overlaps one in use: ERR_SERVER_PORT_IN_USE', async () => {
    const { port } = await opened.takenPort();
    const { code } = await expectFailure(`0.0.0.0:${port}`);
    expect(code).toBe(ServerErrorCode.ERR_SERVER_PORT_IN_USE);
  });

  it.each([
    ['is not of this machine', '203.0.113.1:0', /EADDRNOTAVAIL/],
    ['does not resolve', 'no-such-host.invalid:0', /does not resolve|cannot be resolved/],
  ])('%s: ERR_SERVER_INVALID_ADDRESS', async (_what, listen, message) => {
    const error = await expectFailure(listen);
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_INVALID_ADDRESS);
    expect(error.message).toMatch(message);
  });

  it('is a unix socket in a folder that is missing: ERR_SERVER_START', async () => {
    const error = await expectFailure(`unix:${await opened.folder()}/missing/a.sock`);
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_START);
  });

  it('is a descriptor that is no socket: ERR_SERVER_START', async () => {
    const error = await expectFailure('fd:999');
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_START);
  });
});

describe('addresses', () => {
  it.each([
    ['127.0.0.1:0', '127.0.0.1', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['0.0.0.0:0', '0.0.0.0', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['[::1]:0', '::1', /^http:\/\/\[::1\]:\d+$/],
    [':0', '::', /^http:\/\/127\.0\.0\.1:\d+$/],
    ['localhost:0', /^(127\.0\.0\.1|::1)$/, /^http:\/\/(127\.0\.0\.1|\[::1\]):\d+$/],
  ])('on %s a server has a real address and a URL to fetch', async (listen, host, url) => {
    const server = serverOn(listen);
    await server.start();
    const { address } = server;
    expect(address).toEqual({
      host: typeof host === 'string' ? host : expect.stringMatching(host),
      port: expect.any(Number),
    });
    expect(server.url).toMatch(url);
    expect(await text(server.url)).toBe('hello');
    await server.stop();
    expect([server.address, server.url]).toEqual([undefined, undefined]);
  });

  it('serves both families on a dual-stack address', async () => {
    const server = serverOn(':0');
    await server.start();
    const { port } = new URL(server.url ?? '');
    expect(await text(`http://127.0.0.1:${port}`)).toBe('hello');
    expect(await text(`http://[::1]:${port}`)).toBe('hello');
  });

  it('gives a port-0 server an exposed URL with its real port', async () => {
    const server = serverOn(LOOPBACK);
    expect(server.expose).toBe('http://127.0.0.1:0');
    await server.start();
    expect(server.expose).toBe(server.url);
  });
});

describe('a unix socket', () => {
  it('serves, and leaves no file when it is stopped', async () => {
    const folder = await opened.folder();
    const socketPath = `${folder}/a.sock`;
    const server = serverOn(`unix:${socketPath}`);
    for (let round = 0; round < 3; round += 1) {
      await server.start();
      expect(server.address).toEqual({ path: socketPath });
      expect(server.url).toBeUndefined();
      expect(await text('http://localhost/', { socketPath })).toBe('hello');
      await server.stop();
      expect(await readdir(folder)).toEqual([]);
    }
  });

  it('is drained like any other', async () => {
    const { handler, entered, release } = held('whole');
    const socketPath = `${await opened.folder()}/a.sock`;
    const options = { name: 'a', listen: `unix:${socketPath}` };
    const server = opened.server(options, { handlers: () => ({ '': handler }) });
    await server.start();
    const answer = ask('http://localhost/', { socketPath });
    await entered.opened;
    const stopped = server.stop();
    release.open();
    expect((await answer).body).toBe('whole');
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
  });

  it('is handed over to the server that replaces it, file and all', async () => {
    const socketPath = `${await opened.folder()}/a.sock`;
    const listen = `unix:${socketPath}`;
    const pool = opened.pool({ handlers: () => ({ default: says('one'), two: says('two') }) });
    await pool.storeNew({ name: 'one', listen }, { start: true });
    await pool.storeNew({ name: 'two', listen, handlerKey: 'two' });
    expect(await text('http://localhost/', { socketPath })).toBe('two');
    await pool.stop();
    await expect(access(socketPath)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('moves to another path, and leaves no file at the old one', async () => {
    const folder = await opened.folder();
    const server = serverOn(`unix:${folder}/old.sock`);
    await server.start();
    await server.setConfig({ name: 'a', listen: `unix:${folder}/new.sock` });
    expect(await readdir(folder)).toEqual(['new.sock']);
    server.handler(() => ({ default: says('moved') }));
    const socketPath = `${folder}/new.sock`;
    expect(await text('http://localhost/', { socketPath })).toBe('moved');
  });

  it('does not take the place of a file that is no socket', async () => {
    const path = `${await opened.folder()}/precious.txt`;
    await writeFile(path, 'precious');
    const error = await failure<ServerError>(serverOn(`unix:${path}`).start());
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_PORT_IN_USE);
    await expect(access(path)).resolves.toBeUndefined();
  });
});
