import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { PooledServer, ServerErrorCode, type ServerError } from '../../lib/index.js';
import { failure, gate } from '../support/events.js';
import { says } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();

afterEach(() => opened.closeAll());

const fetchFrom = async (socketPath: string): Promise<string> =>
  (await ask('http://localhost/', { socketPath })).body;

const serverOn = (path: string, name: string): PooledServer =>
  opened.server({ name, listen: `unix:${path}` }, { handlers: () => ({ default: says(name) }) });

/** Leaves a socket file behind, as a process that was killed does. */
async function staleFile(path: string): Promise<void> {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', script]), 'exit');
}

describe('a server on a unix socket', () => {
  it('serves, says where, and leaves no file and no other name when it stops', async () => {
    const folder = await opened.folder();
    const path = join(folder, 'a.sock');
    const server = serverOn(path, 'a');
    await server.start();
    expect(server.address).toEqual({ path });
    expect(server.bind).toBe(`unix:${path}`);
    expect(server.url).toBeUndefined();
    expect(await fetchFrom(path)).toBe('a');
    await server.healthCheck();
    await server.stop();
    expect(existsSync(path)).toBe(false);
    await server.start();
    expect(await fetchFrom(path)).toBe('a');
  });

  it('replaces the file that a dead process has left', async () => {
    const path = join(await opened.folder(), 'a.sock');
    await staleFile(path);
    expect(existsSync(path)).toBe(true);
    await serverOn(path, 'a').start();
    expect(await fetchFrom(path)).toBe('a');
  });

  it('does not take the path of a server that lives', async () => {
    const path = join(await opened.folder(), 'a.sock');
    await serverOn(path, 'first').start();
    const error = await failure<ServerError>(serverOn(path, 'second').start());
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_PORT_IN_USE);
    expect(await fetchFrom(path)).toBe('first');
  });

  it.each(['where nothing is', 'where a dead process has left its file'])(
    'gets the path alone among processes that start at once, %s',
    async (where) => {
      const folder = await opened.folder();
      const children = Array.from({ length: 3 }, () => fork('test/server/children/unix-racer.mjs'));
      opened.onClose(() => children.map((child) => child.kill()));
      const answers = () =>
        Promise.all(children.map(async (child) => ((await once(child, 'message')) as [string])[0]));
      await answers();
      for (let round = 0; round < 10; round += 1) {
        const path = join(folder, `${round}.sock`);
        if (where !== 'where nothing is') await staleFile(path);
        const outcomes = answers();
        for (const child of children) child.send(`unix:${path}`);
        const { ERR_SERVER_PORT_IN_USE } = ServerErrorCode;
        const found = await outcomes;
        expect([...found].sort()).toEqual([
          ERR_SERVER_PORT_IN_USE,
          ERR_SERVER_PORT_IN_USE,
          'running',
        ]);
        const { pid } = children[found.indexOf('running')]!;
        expect(await fetchFrom(path)).toBe(String(pid));
        const stopped = answers();
        for (const child of children) child.send('');
        await stopped;
        expect(existsSync(path)).toBe(false);
      }
    },
  );

  it('does not remove a file that is no socket', async () => {
    const path = join(await opened.folder(), 'a.sock');
    writeFileSync(path, 'precious');
    const error = await failure<ServerError>(serverOn(path, 'a').start());
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_PORT_IN_USE);
    expect(existsSync(path)).toBe(true);
  });

  it('leaves the file alone that a newer server has put in its place', async () => {
    const path = join(await opened.folder(), 'a.sock');
    const old = serverOn(path, 'old');
    await old.start();
    const newer = await listenInPlaceOf(path);
    await old.stop();
    expect(existsSync(path)).toBe(true);
    newer.close();
  });

  it('drains, and is stopped, though its file can not be removed, and says so', async () => {
    const inner = join(await opened.folder(), 'inner');
    mkdirSync(inner);
    const path = join(inner, 'a.sock');
    const asked = gate();
    const answer = gate();
    const server = opened.server(
      { name: 'a', listen: `unix:${path}` },
      {
        handlers: () => ({
          default: async (_request, response) => {
            asked.open();
            await answer.opened;
            response.end('done');
          },
        }),
      },
    );
    await server.start();
    const answered = fetchFrom(path);
    await asked.opened;
    // Not even root can remove what is behind a link to itself.
    renameSync(inner, `${inner}-away`);
    symlinkSync(inner, inner);
    const stopping = failure<ServerError>(server.stop());
    answer.open();
    const error = await stopping;
    expect(await answered).toBe('done');
    expect(error.message).toContain("Server 'a' is drained and stopped, but");
    expect(error.cause).toMatchObject({ code: 'ELOOP' });
    expect(server.state).toBe('stopped');
    expect(server.stats()).toMatchObject({ connections: 0 });
    expect(await server.stop()).toMatchObject({ finished: 0 });
  });

  it('says that a folder is missing', async () => {
    const path = join(await opened.folder(), 'missing', 'a.sock');
    const error = await failure<ServerError>(serverOn(path, 'a').start());
    expect(error.message).toContain('folder that exists');
  });
});

/** What another process does that takes the path over: remove the file, and listen. */
async function listenInPlaceOf(path: string): Promise<Server> {
  const { rm } = await import('node:fs/promises');
  await rm(path);
  const server = createServer();
  server.listen(path);
  await once(server, 'listening');
  return server;
}
