import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MAX_UNIX_PATH_BYTES } from '../../config/address/bind-path.js';
import { UnixSocketFile } from './unix-socket.js';

describe('the file of a unix socket', () => {
  let folder = '';
  let server: Server;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pool-'));
    server = createServer();
  });
  afterEach(async () => {
    if (server.listening) server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('is not left under another name, and the socket not open, when it can not take its name', async () => {
    const path = join(folder, 'a.sock');
    const listening = UnixSocketFile.listen(server, path);
    // It has been looked at, and was free.
    mkdirSync(path);
    await expect(listening).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(server.listening).toBe(false);
    expect(await readdir(folder)).toEqual(['a.sock']);
  });

  it('is that of one alone of several that start at once, on a free path and on a stale one', async () => {
    for (const isStale of [false, true]) {
      const path = join(folder, `${isStale}.sock`);
      if (isStale) await leaveStale(path);
      const servers = Array.from({ length: 8 }, () => createServer());
      const outcomes = await Promise.allSettled(
        servers.map((each) => UnixSocketFile.listen(each, path)),
      );
      const codes = outcomes.map((outcome) =>
        outcome.status === 'rejected' ? (outcome.reason as NodeJS.ErrnoException).code : 'open',
      );
      expect(codes.filter((code) => code === 'open')).toHaveLength(1);
      expect(codes.filter((code) => code === 'EADDRINUSE')).toHaveLength(7);
      expect(servers.filter(({ listening }) => listening)).toHaveLength(1);
      expect(await readdir(folder)).toContain(`${isStale}.sock`);
      for (const each of servers) each.close();
      await rm(path, { force: true });
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves a file alone that was made while it starts', async () => {
    const path = join(folder, 'a.sock');
    const listening = UnixSocketFile.listen(server, path);
    writeFileSync(path, 'mine');
    await expect(listening).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect(await readdir(folder)).toEqual(['a.sock']);
  });

  it.each(['a', 'ü'])(
    'is whole near the limit of its length, in a folder of many %s',
    async (letter) => {
      const room = MAX_UNIX_PATH_BYTES - Buffer.byteLength(join(folder, '/')) - 2;
      const inner = join(folder, letter.repeat(Math.floor(room / Buffer.byteLength(letter))));
      await mkdir(inner);
      const path = join(inner, 'x');
      await leaveStale(path);
      const file = await UnixSocketFile.listen(server, path);
      expect(await readdir(inner)).toEqual(['x']);
      await expect(UnixSocketFile.listen(createServer(), path)).rejects.toMatchObject({
        code: 'EADDRINUSE',
      });
      expect(file.isReachable()).toBe(true);
      server.close();
      file.remove();
      expect(await readdir(inner)).toEqual([]);
    },
  );

  it('serves where its folder can not be watched', async () => {
    const inner = join(folder, 'inner');
    await mkdir(inner);
    const path = join(inner, 'a.sock');
    const file = await UnixSocketFile.listen(server, path);
    await rename(inner, join(folder, 'away'));
    expect(() => file.onLost(() => undefined)).not.toThrow();
    expect(server.listening).toBe(true);
    await rename(join(folder, 'away'), inner);
    file.remove();
    expect(existsSync(path)).toBe(false);
  });
});

/** What a process leaves that is killed. */
async function leaveStale(path: string): Promise<void> {
  const script = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  try {
    execFileSync(process.execPath, ['-e', script, path], { stdio: 'ignore' });
  } catch {
    // It was killed, as it was to be.
  }
  expect(existsSync(path)).toBe(true);
}
