import { afterEach, describe, expect, it } from '@jest/globals';
import { isPortFree, isPortInUse, ServerErrorCode, type ServerError } from '../../lib/index.js';
import { failure } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

describe('looking at a port', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('tells a port in use from a free one', async () => {
    const { listen, free } = await opened.takenPort();
    expect(await isPortInUse(listen)).toBe(true);
    expect(await isPortFree(listen)).toBe(false);
    await free();
    expect(await isPortInUse(listen)).toBe(false);
    expect(await isPortFree(listen, { timeout: '500ms' })).toBe(true);
  });

  it.each(['0.0.0.0', '', '*', '[::]', 'localhost'])(
    'looks at this machine for %p',
    async (host) => {
      const { port } = await opened.takenPort();
      expect(await isPortInUse(`${host}:${port}`)).toBe(true);
    },
  );

  it.each([
    ['', true],
    ['[::]', true],
    ['[::1]', true],
    ['0.0.0.0', false],
    ['127.0.0.1', false],
  ])('with a listener on ::1 says for %p that it is in use: %p', async (host, inUse) => {
    const { port } = await opened.takenPort('::1');
    expect(await isPortInUse(`${host}:${port}`)).toBe(inUse);
    expect(await isPortFree(`${host}:${port}`)).toBe(!inUse);
  });

  it('sees a server of a pool come and go', async () => {
    const server = opened.server({ name: 'a', listen: LOOPBACK });
    await server.start();
    const { host } = new URL(server.url ?? '');
    expect(await isPortInUse(host)).toBe(true);
    await server.stop();
    expect(await isPortInUse(host)).toBe(false);
  });

  it('looks at unix sockets', async () => {
    const listen = `unix:${await opened.folder()}/a.sock`;
    expect(await isPortInUse(listen)).toBe(false);
    await opened.server({ name: 'a', listen }).start();
    expect(await isPortInUse(listen)).toBe(true);
  });

  it.each(['nonsense', '127.0.0.1:70000', '127.0.0.1:0', 'fd:3'])('refuses %s', async (listen) => {
    const error = await failure<ServerError>(isPortInUse(listen));
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_INVALID_ADDRESS);
    expect(error.message).toContain(listen);
    await expect(isPortFree(listen)).rejects.toMatchObject({ code: error.code });
  });

  it('refuses a timeout that is no duration', async () => {
    const error = await failure<ServerError>(isPortInUse('127.0.0.1:1', { timeout: '1 hour' }));
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_VALIDATE);
    expect(error.issues.map(({ path }) => path)).toEqual(['timeout']);
  });
});
