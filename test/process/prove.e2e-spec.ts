import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.js';
import { Opened } from '../support/opened.js';
import { childPath, proveHere, runCli, startCli, type JsonReport } from './support/proofs.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const app = (port: number, does: string, ...more: string[]): string[] => [
  '--',
  process.execPath,
  childPath('app.mjs'),
  String(port),
  does,
  ...more,
];
const at = (port: number, scheme = 'http'): string[] => [
  '--url',
  `${scheme}://127.0.0.1:${port}/`,
  '--observe',
  '700ms',
];

async function json(...args: string[]): Promise<JsonReport & { code: number }> {
  const { code, out, err } = await proveHere('--json', ...args);
  expect(err).toBe('');
  return { code, ...(JSON.parse(out) as JsonReport) };
}

describe('prove', () => {
  it.each(['leaves-well', 'is-a-pool'])('finds no loss where none is: %s', async (does) => {
    const port = await freePort();
    const report = await json(...at(port), ...app(port, does));
    expect(report).toMatchObject({ action: 'stop', times: 1, lost: 0, kinds: {}, code: 0 });
    expect(report.requests).toBeGreaterThan(100);
    expect(report.answered).toBe(report.requests);
  });

  it('starts it again for each stop', async () => {
    const port = await freePort();
    const report = await json(...at(port), '--times', '2', ...app(port, 'leaves-well'));
    expect(report).toMatchObject({ times: 2, lost: 0, code: 0 });
  });

  it('counts open connections that an exit drops', async () => {
    const port = await freePort();
    // Enough uploads and slow readers that some are open at any moment.
    const clients = ['--clients', '60', '--times', '3'];
    const report = await json(...at(port), ...clients, ...app(port, 'drops'));
    expect(report.code).toBe(1);
    expect(report.lost).toBeGreaterThan(0);
    expect(report.requests).toBe(report.answered + report.lost);
  });

  it('counts an answer of 503 by its status', async () => {
    const port = await freePort();
    const report = await json(...at(port), ...app(port, 'says-503'));
    expect(report.code).toBe(1);
    expect(report.kinds['status-503']).toBeGreaterThan(0);
  });

  it('counts idle connections that were reset', async () => {
    const port = await freePort();
    const report = await json(...at(port), ...app(port, 'resets'));
    expect(report.code).toBe(1);
    expect(report.kinds['idle-reset']).toBeGreaterThan(0);
    expect(report.lost).toBe(Object.values(report.kinds).reduce((sum, count) => sum + count, 0));
  });

  it('counts what is refused while a restart has nobody to answer', async () => {
    const port = await freePort();
    const args = [...at(port), '--action', 'restart', '--times', '2'];
    const report = await json(...args, ...app(port, 'leaves-well'));
    expect(report).toMatchObject({ action: 'restart', times: 2, code: 1 });
    expect(report.kinds.refused).toBeGreaterThan(0);
  });

  it('finds that a SIGHUP ends what does not know it', async () => {
    const port = await freePort();
    const args = [...at(port), '--action', 'reload', '--times', '5'];
    const { code, out } = await proveHere(...args, ...app(port, 'drops'));
    expect(code).toBe(1);
    expect(out).toContain('The command ended at the SIGHUP');
    expect(out).toMatch(/^refused +\d+ +nothing +nothing/m);
  });

  it('tries open WebSockets where there are some, and takes a close frame for their end', async () => {
    const port = await freePort();
    const { code, out } = await proveHere(...at(port), ...app(port, 'speaks-websocket'));
    expect(out).toMatch(/: keep-alive, .*, websocket\n/);
    expect(out).not.toContain('without a close frame');
    expect(out).toContain(', 0 lost');
    expect(code).toBe(0);
  });

  it('loads each URL', async () => {
    const ports = [await freePort(), await freePort()] as const;
    const [one, other] = ports.map((port) => app(port, 'leaves-well').slice(1).join(' '));
    const both = [
      '--',
      'sh',
      '-c',
      `trap 'kill $a $b; wait' TERM; ${one} & a=$!; ${other} & b=$!; wait`,
    ];
    const urls = [...at(ports[0]), '--url', `http://localhost:${ports[1]}/`];
    const { code, out } = await proveHere(...urls, ...both);
    for (const port of ports) expect(out).toContain(`:${port}/  24 clients`);
    expect(out).toContain(', 0 lost');
    expect(code).toBe(0);
  });

  it('leaves out the clients that the application cannot serve, and those that it is told to', async () => {
    const port = await freePort();
    const args = [...at(port), '--without', 'slow-reader', ...app(port, 'refuses-posts')];
    const { out } = await proveHere(...args);
    expect(out).toContain('24 clients: keep-alive, new-connection\n');
  });
});

describe('prove, where it cannot be tried,', () => {
  const refused = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await proveHere('--json', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    return err;
  };

  it('says that nobody answers', async () => {
    const port = await freePort();
    const args = [...at(port), '--start-timeout', '1s', ...app(port, 'is-silent')];
    expect(await refused(...args)).toMatch(/did not answer below 500 within 1 s .*last: refused/);
  });

  it('says that every answer is a 5xx', async () => {
    const port = await freePort();
    const args = [...at(port), '--start-timeout', '3s', ...app(port, 'is-sick')];
    expect(await refused(...args)).toContain('last: status-500');
  });

  it('says that the command ended, and with what', async () => {
    const port = await freePort();
    const args = [...at(port), '--', process.execPath, '-e', 'process.exit(3)'];
    expect(await refused(...args)).toContain('the command ended (code 3) before');
  });

  it('says that there is no such command', async () => {
    const args = [...at(await freePort()), '--', 'no-such-command'];
    expect(await refused(...args)).toMatch(/'no-such-command' could not be started: .*ENOENT/);
  });

  it('says that it does not end at a SIGTERM, and ends it', async () => {
    const port = await freePort();
    const args = [...at(port), '--stop-timeout', '500ms', ...app(port, 'ignores-everything')];
    expect(await refused(...args)).toContain('did not end within 0.5 s of SIGTERM');
    expect(await refused(...at(port), '--', 'false')).toContain('the command ended');
  });

  it('says that somebody else answers at the URL', async () => {
    const server: Server = createServer((_request, response) => response.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    opened.onClose(() => server.close());
    const { port } = server.address() as AddressInfo;
    const err = await refused(...at(port), ...app(port, 'leaves-well'));
    expect(err).toContain('answers before the command was started');
  });

  it('says before it starts anything that it can not write its log', async () => {
    const args = [...at(await freePort()), '--log', '/dev/null/log', '--', 'false'];
    expect(await refused(...args)).toContain("--log can't be written: ENOTDIR");
  });
});

describe('the command line of prove', () => {
  it('prints its JSON alone on standard output, and what the application prints on the other', async () => {
    const port = await freePort();
    const { code, out, err } = await runCli(
      'prove',
      '--json',
      ...at(port),
      ...app(port, 'leaves-well'),
    );
    expect(code).toBe(0);
    expect(out.trim().split('\n').length).toBe(1);
    expect(Object.keys(JSON.parse(out) as JsonReport)).toEqual([
      'action',
      'times',
      'requests',
      'answered',
      'lost',
      'kinds',
    ]);
    expect(err).toContain('pid ');
  });

  it.each([
    [[], 'give at least one --url; give the command'],
    [['--url', 'ftp://a', '--', 'x'], "--url 'ftp://a' is no http: or https: URL"],
    [
      ['--url', 'http://a', '--action', 'no', '--times', '0', '--', 'x'],
      "--action 'no' is none of",
    ],
    [['--url', 'http://a', '--clients', '1.5', '--', 'x'], "--clients '1.5' is no whole number"],
    [['--url', 'http://a', '--observe', 'soon', '--', 'x'], '--observe: got'],
    [['--url', 'http://a', '--no', '--', 'x'], "Unknown option '--no'"],
    [['--url', 'http://a', 'x'], 'x'],
  ])('refuses %j with code 2 and the usage', async (args, why) => {
    const { code, out, err } = await runCli('prove', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(why);
    expect(err).toContain('Usage: nestjs-http-pool prove --url');
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', null],
  ] as const)('leaves no process behind when it gets %s', async (signal, exitCode) => {
    const port = await freePort();
    const [, ...command] = app(port, 'ignores-everything');
    // One that the command starts, and one that leaves its group as a daemon does.
    const other = command.join(' ').replace(String(port), '0');
    const script = `${other} & setsid ${other} & exec ${command.join(' ')}`;
    const child = startCli('prove', ...at(port), '--', 'sh', '-c', script);
    opened.onClose(() => child.kill('SIGKILL'));
    const pids: number[] = [];
    for await (const line of createInterface(child.stderr!)) {
      if (line.startsWith('pid ')) pids.push(Number(line.slice(4)));
      if (pids.length === 3) break;
    }
    child.stderr!.resume();
    const exited = once(child, 'exit');
    child.kill(signal);
    expect((await exited)[0]).toBe(exitCode);
    for (const pid of pids) while (isThere(pid)) await delay(20);
  });
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
