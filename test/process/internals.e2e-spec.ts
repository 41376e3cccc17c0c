import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';

/*
 * Canaries: what `run` uses of Node beyond its documents. In processes of their own: what Jest gives a test as
 * `process` is a copy of it, and signals are the whole process's.
 */

const run = promisify(execFile);
const worker = (file: string): string =>
  pathToFileURL(join(process.cwd(), 'dist/process/run', file)).href;

async function printed(code: string): Promise<string> {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', code]);
  return stdout.trim();
}

describe(`Node ${process.version} still has, undocumented,`, () => {
  it('signals that go through what process.emit is when their first listener is added', async () => {
    const code = `
      import { holdSignals } from '${worker('worker/hold-signals.js')}';
      const wait = setInterval(() => {}, 1000);
      const signals = holdSignals((signal) => {
        console.log('held', signal);
        signals.raise('SIGTERM');
      });
      process.on('SIGTERM', () => {
        console.log('leaves');
        clearInterval(wait);
      });
      process.kill(process.pid, 'SIGTERM');`;
    expect(await printed(code)).toBe('held SIGTERM\nleaves');
  });

  it('and where a signal comes by another way, it is said once', async () => {
    const code = `
      import { holdSignals } from '${worker('worker/hold-signals.js')}';
      process.emitWarning = (message, { code }) => console.log(code, message);
      holdSignals(() => console.log('held'));
      for (const signal of ['SIGTERM', 'SIGINT']) for (const listener of process.listeners(signal)) listener(signal);
      process.exit();`;
    expect(await printed(code)).toMatch(/^HTTP_POOL_NODE .*process[.]emit.*$/);
  });

  it('a maker of handles that node:cluster calls: net._createServerHandle', async () => {
    const child = join(process.cwd(), 'test/process/children/shared-handle.mjs');
    const { stdout } = await run(process.execPath, [child]);
    expect(stdout.trim()).toBe('asked for 127.0.0.1 0');
  });
});
