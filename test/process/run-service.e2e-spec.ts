import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CodeOnDisk } from './support/code-on-disk.js';
import { application, Supervised } from './support/supervised.js';

// Each start of a process takes seconds on a busy machine.
jest.setTimeout(180_000);

describe('a supervisor as a service', () => {
  let code: CodeOnDisk;
  let supervised: Supervised | undefined;
  let manager: ChildProcess | undefined;
  beforeEach(async () => void (code = await CodeOnDisk.at()));
  afterEach(async () => {
    manager?.kill();
    await supervised?.kill();
    await code.remove();
  });

  it('tells its manager when it is ready, reloads and stops, and keeps that from its workers', async () => {
    const socket = join(code.folder, 'notify');
    const receiver = new URL('support/datagrams.py', import.meta.url).pathname;
    manager = spawn('python3', [receiver, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: manager.stdout! })[Symbol.asyncIterator]();
    const next = async (): Promise<string> => (await lines.next()).value as string;
    /** What systemd-notify asks for to know that it was heard is no news. */
    const told = async (): Promise<string[]> => {
      const text = JSON.parse(await next()) as string;
      return text.startsWith('BARRIER') ? told() : text.trim().split('\n').sort();
    };
    /** The next message of this kind; the program may tell its manager of itself between them. */
    const toldOf = async (kind: string): Promise<string[]> => {
      const assignments = await told();
      return assignments.includes(kind) ? assignments : toldOf(kind);
    };
    expect(await next()).toBe('bound');
    await code.deploy({
      says: 'one',
      before: 'console.log(`notify ${process.env.NOTIFY_SOCKET}`);',
    });
    const app = (supervised = new Supervised(code.entry, { env: { NOTIFY_SOCKET: socket } }));
    const inherited = app.line('notify');
    expect(await toldOf('READY=1')).toEqual(['READY=1', 'STATUS=generation 1 serves']);
    expect(await inherited).toBe('notify undefined');

    const before = process.hrtime.bigint() / 1000n;
    app.signal('SIGHUP');
    const [time, reloading] = await toldOf('RELOADING=1');
    expect(reloading).toBe('RELOADING=1');
    const at = BigInt(time!.replace('MONOTONIC_USEC=', ''));
    expect(at >= before && at <= process.hrtime.bigint() / 1000n).toBe(true);
    expect(await toldOf('READY=1')).toEqual(['READY=1', 'STATUS=generation 2 serves']);

    await code.write('throw new Error("bad code")');
    app.signal('SIGHUP');
    expect(await toldOf('RELOADING=1')).toContain('RELOADING=1');
    expect(await toldOf('READY=1')).toEqual(['READY=1', 'STATUS=generation 2 serves']);
    expect(await app.stop()).toBe(0);
    expect(await toldOf('STOPPING=1')).toContain('STOPPING=1');
  });

  it('serves where nobody listens to what it tells', async () => {
    const env = { NOTIFY_SOCKET: join(code.folder, 'nobody') };
    supervised = new Supervised(application('plain.mjs'), { env });
    await supervised.ready();
    expect(await supervised.stop()).toBe(0);
    expect(supervised.lines.join('\n')).toContain('systemd-notify could not be used');
  });

  it('has its process id in a file while it serves', async () => {
    const path = join(code.folder, 'a.pid');
    const options = ['--pid-file', path];
    await code.deploy({
      says: 'one',
      before: `import { existsSync } from 'node:fs';
      console.log('there is a file:', existsSync('${path}'));`,
      // Who has an answer may send a signal: the file is there before the generation is ready, which
      // this loop keeps it from.
      after: `await new Promise(setImmediate);
      for (const end = Date.now() + 30_000; !existsSync('${path}') && Date.now() < end; );
      console.log('then there is a file:', existsSync('${path}'));`,
    });
    const app = (supervised = new Supervised(code.entry, { options }));
    const first = app.line('there is a file');
    const then = app.line('then there is a file');
    await app.ready();
    const upgraded = app.line('there is a file');
    await app.upgraded();
    expect([await first, await then, await upgraded]).toEqual([
      'there is a file: false',
      'then there is a file: true',
      'there is a file: true',
    ]);
    expect(readFileSync(path, 'utf8')).toBe(`${app.pid}\n`);
    expect(await app.stop()).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  it('does not start where the file for its process id can not be written', async () => {
    const path = join(code.folder, 'nowhere', 'a.pid');
    supervised = new Supervised(application('plain.mjs'), { options: ['--pid-file', path] });
    expect((await supervised.ended).code).toBe(1);
    expect(supervised.lines.join('\n')).toContain('the pid file');
  });

  it.each([[[]], [['main.js', '--workers', 'x']], [['--nope', 'main.js']]])(
    'ends with code 2 and a usage text when it is told %j',
    async (args) => {
      const [entry = '', ...options] = args;
      supervised = new Supervised(entry, { options });
      expect((await supervised.ended).code).toBe(2);
      expect(supervised.lines.join('\n')).toContain('Usage: nestjs-http-pool run <entry.js>');
    },
  );
});
