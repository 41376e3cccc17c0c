import { existsSync, mkdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
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
    await expect(listening).rejects.toMatchObject({ syscall: 'rename' });
    expect(server.listening).toBe(false);
    expect(await readdir(folder)).toEqual(['a.sock']);
  });

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
