import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();

afterEach(() => opened.closeAll());

const childPath = (name: string): string => new URL(`children/${name}`, import.meta.url).pathname;

function track(child: ChildProcess): ChildProcess {
  opened.onClose(() => child.exitCode ?? child.kill('SIGKILL'));
  return child;
}

describe('inherited descriptors', () => {
  it('are served as they are, `fd:3` as under systemd', async () => {
    // The parent listens and hands its socket on, as systemd does.
    const listener = createServer();
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const { _handle } = listener as unknown as { _handle: { fd: number } };
    const stdio = ['ignore', 'inherit', 'inherit', _handle.fd, 'ipc'] as const;
    const child = track(
      spawn(process.execPath, [childPath('inherited-fd.mjs')], { stdio: [...stdio] }),
    );
    const [[url, name]] = (await once(child, 'message')) as [[string, string]];
    expect(name).toBe('a');
    listener.close();
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect(await text(url)).toBe('inherited');
    const restarted = once(child, 'message');
    const exit = once(child, 'exit');
    child.send('stop');
    // Its number may be that of another socket by now.
    expect(String(await restarted)).toContain('the descriptor 3 is gone');
    expect(await exit).toEqual([0, null]);
  });
});

describe('a process without a free file descriptor', () => {
  it('is noticed, told, and unhealthy until it has some again', async () => {
    const script = `ulimit -n 256 && exec "${process.execPath}" "${childPath('no-descriptors.mjs')}"`;
    const child = track(spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] }));
    const exited = once(child, 'exit');
    let output = '';
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) output += chunk.toString();
    expect(await exited).toEqual([0, null]);
    const [code, down, up] = output.split('\n');
    expect(code).toBe('EMFILE');
    expect(down).toMatch(/^down down Server 'a' .*no free file descriptor/);
    expect(up).toBe('up up ');
  });
});
