import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { freePort } from '../support/free-port.js';
import { ask } from '../support/http-client.js';
import { CodeOnDisk } from './support/code-on-disk.js';
import { StrictClients } from './support/strict-clients.js';
import { Supervised } from './support/supervised.js';

// Each start of a process takes seconds on a busy machine.
jest.setTimeout(180_000);

describe('the sockets of a supervisor', () => {
  let code: CodeOnDisk;
  let supervised: Supervised | undefined;
  beforeEach(async () => void (code = await CodeOnDisk.at()));
  afterEach(async () => {
    await supervised?.kill();
    await StrictClients.endAll();
    await code.remove();
  });

  it('keep the path of a unix socket over upgrades and over the death of a worker', async () => {
    const path = join(code.folder, 'a.sock');
    await code.deploy({ says: 'one', servers: [{ name: 'unix', listen: `unix:${path}` }] });
    const app = (supervised = new Supervised(code.entry, { options: ['--workers', '2'] }));
    await app.ready();
    const clients = new StrictClients('http://localhost', { socketPath: path });
    for (let count = 0; count < 2; count += 1) await app.upgraded();
    await clients.end();
    expect(clients.failures).toEqual([]);
    expect(clients.answered).toBeGreaterThan(0);

    const replaced = app.line('is ready');
    const { body } = await ask('http://localhost', { socketPath: path });
    process.kill(Number(body.split(' ')[1]), 'SIGKILL');
    await replaced;
    expect((await ask('http://localhost', { socketPath: path })).status).toBe(200);
    expect(await app.stop()).toBe(0);
    expect(await readdir(code.folder)).toEqual(['main.mjs']);
  });

  it('bind a unix socket anew whose file somebody has removed', async () => {
    const path = join(code.folder, 'a.sock');
    const unix = { name: 'unix', listen: `unix:${path}` };
    await code.deploy({ says: 'one', servers: [unix] });
    const app = (supervised = new Supervised(code.entry));
    await app.ready();
    await code.deploy({
      says: 'two',
      before: `import { rmSync } from 'node:fs'; rmSync('${path}', { force: true });`,
      servers: [unix],
    });
    await app.upgraded();
    expect((await ask('http://localhost', { socketPath: path })).body).toMatch(/^two/);
    await app.upgraded();
    expect(existsSync(path)).toBe(true);
    expect(await app.stop()).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  it('keep each port that the system chose with the server that has it, in whatever order they start', async () => {
    const servers = ['b', 'c', 'd'].map((name) => ({ name, listen: '127.0.0.1:0' }));
    await code.deploy({ says: 'one', servers });
    const app = (supervised = new Supervised(code.entry));
    await app.ready();
    const ports = (): string[] =>
      app.lines
        .filter((line) => line.includes('listens on'))
        .splice(-4)
        .sort();
    const before = ports();
    await code.deploy({ says: 'two', servers: servers.reverse() });
    await app.upgraded();
    expect(app.lines.filter((line) => line.includes('listens on'))).toHaveLength(8);
    expect(ports()).toEqual(before);
    expect(new Set(before).size).toBe(4);
  });

  it('take up addresses that new code has, and let go of those that it has no more', async () => {
    const [first, second] = [await freePort(), await freePort()];
    await code.deploy({ says: 'one', servers: [{ name: 'b', listen: `127.0.0.1:${first}` }] });
    const app = (supervised = new Supervised(code.entry));
    await app.ready();
    await code.deploy({ says: 'two', servers: [{ name: 'b', listen: `127.0.0.1:${second}` }] });
    const left = app.line('generation 1 has left');
    await app.upgraded();
    expect((await ask(`http://127.0.0.1:${second}`)).body).toMatch(/^two/);
    await left;
    await expect(ask(`http://127.0.0.1:${first}`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('serve a server of Node beside the pool over upgrades as well', async () => {
    const port = await freePort();
    await code.deploy({
      says: 'one',
      before: `import { createServer } from 'node:http';
        createServer((_, response) => response.end(String(process.pid))).listen(${port}, '127.0.0.1');`,
    });
    const app = (supervised = new Supervised(code.entry));
    await app.ready();
    const first = (await ask(`http://127.0.0.1:${port}`)).body;
    const left = app.line('generation 1 has left');
    await app.upgraded();
    await left;
    expect((await ask(`http://127.0.0.1:${port}`)).body).not.toBe(first);
  });

  it.each(['fd:3', 'fd:web'])(
    'are those that the supervisor has inherited, as %s',
    async (listen) => {
      const listening = createServer().listen(0, '127.0.0.1');
      await once(listening, 'listening');
      const { port } = listening.address() as AddressInfo;
      const { fd } = (listening as unknown as { _handle: { fd: number } })._handle;
      await code.deploy({ says: 'one', servers: [{ name: 'b', listen }] });
      const cli = new URL('../../dist/process/cli.js', import.meta.url).pathname;
      const child = spawn(process.execPath, [cli, 'run', code.entry], {
        stdio: ['ignore', 'inherit', 'pipe', fd],
        env: { ...process.env, NODE_OPTIONS: '', LISTEN_FDS: '1', LISTEN_FDNAMES: 'web' },
      });
      listening.close();
      const lines = createInterface({ input: child.stderr! })[Symbol.asyncIterator]();
      const until = async (meant: string): Promise<void> => {
        while (!(await lines.next()).value?.includes(meant));
      };
      await until('generation 1 is ready');
      const url = `http://127.0.0.1:${port}`;
      const clients = new StrictClients(url);
      for (let count = 0; count < 2; count += 1) {
        child.kill('SIGHUP');
        await until('has left');
      }
      const { body } = await ask(url);
      process.kill(Number(body.split(' ')[1]), 'SIGKILL');
      await until('takes its place');
      expect((await ask(url)).body).toMatch(/^one/);
      await clients.end();
      // Those that the killed worker had taken are lost with it.
      expect(clients.failures.filter((each) => !each.includes('ECONNRESET'))).toEqual([]);
      child.kill('SIGTERM');
      expect(await once(child, 'exit')).toEqual([0, null]);
    },
  );
});
