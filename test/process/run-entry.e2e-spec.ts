import { mkdir, symlink, writeFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CodeOnDisk } from './support/code-on-disk.js';
import { Supervised, type SupervisedOptions } from './support/supervised.js';

// Each start of a process takes seconds on a busy machine.
jest.setTimeout(180_000);

const library = new URL('../../dist/index.js', import.meta.url).pathname;

describe('the entry file that a supervisor runs', () => {
  let code: CodeOnDisk;
  let supervised: Supervised | undefined;
  beforeEach(async () => void (code = await CodeOnDisk.at()));
  afterEach(async () => {
    await supervised?.kill();
    await code.remove();
  });

  /** A CommonJS application that tells where it runs, and with what. */
  const release = async (name: string): Promise<string> => {
    const folder = join(code.folder, name);
    await mkdir(folder);
    await writeFile(
      join(folder, 'main.cjs'),
      `const { Pool, PooledServer } = require('${library}');
const handlers = () => ({ default: (_request, response) => response.end() });
const server = PooledServer.create({ name: 'main', listen: '127.0.0.1:0' }, { handlers });
console.log('runs', JSON.stringify({
  folder: __dirname,
  cwd: process.cwd(),
  isMain: require.main === module,
  args: process.argv.slice(2),
  execArgv: process.execArgv.filter((flag) => flag.includes('preload')),
}));
void new Pool({ servers: [server] }).start();
`,
    );
    return folder;
  };

  it('may be CommonJS, and the link that the supervisor was started in may point elsewhere later', async () => {
    const [first, second] = [await release('first'), await release('second')];
    const current = join(code.folder, 'current');
    await symlink(first, current);
    const app = (supervised = new Supervised('main.cjs', {
      cwd: current,
      env: { PWD: current },
      args: ['--own', 'x'],
    }));
    const runs = async (line: Promise<string>) => JSON.parse((await line).replace('runs ', ''));
    const before = runs(app.line('runs '));
    await app.ready();
    const rest = { isMain: true, args: ['--own', 'x'], execArgv: [] };
    expect(await before).toEqual({ folder: first, cwd: first, ...rest });

    await rm(current);
    await symlink(second, current);
    const after = runs(app.line('runs '));
    await app.upgraded();
    expect(await after).toEqual({ folder: second, cwd: second, ...rest });
    expect(await app.stop()).toBe(0);
  });

  it.each<[string, SupervisedOptions]>([
    ['an option', { execArgv: ['--inspect=127.0.0.1:0'] }],
    ['NODE_OPTIONS', { env: { NODE_OPTIONS: '--inspect=127.0.0.1:0' } }],
  ])('may be debugged by %s: no two processes get one port', async (_by, inspecting) => {
    await code.deploy({ says: 'one' });
    const app = (supervised = new Supervised(code.entry, {
      ...inspecting,
      options: ['--workers', '2'],
    }));
    await app.ready();
    await app.upgraded();
    const ports = (): string[] =>
      [...app.lines.join('\n').matchAll(/Debugger listening on ws:.*:(\d+)\//g)].map(String);
    // The lines of the debugger come by another pipe than those of the supervisor.
    while (ports().length < 5) await app.line('');
    expect(new Set(ports()).size).toBe(5);
    expect(await app.stop()).toBe(0);
  });
});
