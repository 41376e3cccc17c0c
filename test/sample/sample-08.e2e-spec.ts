import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.js';
import { runCli, type JsonReport } from '../process/support/proofs.js';
import { ask, text } from '../support/http-client.js';
import { Sample } from './support/sample.js';

const run = promisify(execFile);
const cli = new URL('../../dist/process/cli.js', import.meta.url).pathname;

/** Free ports for all that it listens on: HAProxy has to be told where the replicas are. */
async function addresses(): Promise<Record<string, string>> {
  const free = async (): Promise<string> => String(await freePort());
  const local = async (): Promise<string> => `127.0.0.1:${await freePort()}`;
  return {
    FRONT: await local(),
    STATS: await local(),
    REPLICA_1: await local(),
    MANAGEMENT_PORT_1: await free(),
    REPLICA_2: await local(),
    MANAGEMENT_PORT_2: await free(),
  };
}

describe('sample 08, behind HAProxy', () => {
  const sample = new Sample('08-behind-haproxy', {});

  it('serves by both replicas, which are told the address of the client', async () => {
    const env = await addresses();
    const child = sample.run({ ...env, SHUTDOWN_DELAY: '0' });
    await child.until(/HAProxy serves at/);
    const url = `http://${env.FRONT}/greeting/ann`;
    const greet = async (localAddress: string) =>
      JSON.parse((await ask(url, { localAddress })).body) as { from: string; replica: number };
    const answers = [await greet('127.0.0.1'), await greet('127.0.0.9')];
    expect(answers.map(({ from }) => from)).toEqual(['127.0.0.1', '127.0.0.9']);
    expect(new Set(answers.map(({ replica }) => replica)).size).toBe(2);

    expect(await text(`http://127.0.0.1:${env.MANAGEMENT_PORT_1}/readyz`)).toBe('ok\n');
    const up = (await text(`http://${env.STATS}/;csv`)).match(/^replicas,(one|two),.*,UP,/gm);
    expect(up).toHaveLength(2);
    child.interrupt();
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  it('restarts one replica after the other, and no client that retries nothing loses a request', async () => {
    const env = Object.entries({ ...(await addresses()), SHUTDOWN_DELAY: '2500ms' });
    const url = `http://${env[0]![1]}/greeting/ann`;
    const command = ['env', ...env.map((pair) => pair.join('=')), process.execPath];
    const options = ['--json', '--url', url, '--action', 'reload', '--observe', '3500ms'];
    const main = sample.path('dist/main.js');
    const { code, out, err } = await runCli('prove', ...options, '--', ...command, main);
    const report = JSON.parse(out) as JsonReport;
    expect({ ...report, code }).toMatchObject({ times: 1, lost: 0, kinds: {}, code: 0 });
    expect(report.requests).toBeGreaterThan(200);
    expect(err).toContain('all replicas were restarted');
    for (const name of ['one', 'two']) {
      expect(err).toMatch(new RegExp(`replicas/${name} is DOWN.*code: 503`));
    }
  });

  it('has units that systemd reads without a fault', async () => {
    const folder = await sample.opened.folder();
    await cp(sample.path('systemd'), folder, { recursive: true });
    const units = (await readdir(folder)).map((name) => join(folder, name));
    const instances = units.map((unit) => unit.replace('@.', '@3081.'));
    for (const [at, unit] of units.entries()) {
      // The only thing that differs from machine to machine.
      const lines = (await readFile(unit, 'utf8')).replace('/usr/bin/node', process.execPath);
      await writeFile(instances[at]!, lines);
    }
    const { stderr } = await run('systemd-analyze', ['verify', '--man=no', ...instances]);
    // Known from systemd 253 on.
    const others = stderr.split('\n').filter((line) => !line.endsWith('notify-reload'));
    expect(others.join('')).toBe('');
  });

  it('is started by the first connection to a socket of systemd, and serves it', async () => {
    const [open, management] = [await freePort(), await freePort()];
    const sockets = [open, management].flatMap((port) => ['--listen', `127.0.0.1:${port}`]);
    const service = await readFile(sample.path('systemd/greeting@.service'), 'utf8');
    const env = [...service.matchAll(/^Environment=(.*)$/gm)].flatMap(([, pairs]) =>
      pairs!.split(' ').map((pair) => `--setenv=${pair}`),
    );
    // As the unit runs it; the balancer's header is left out.
    const command = [process.execPath, cli, 'run', sample.path('dist/app/serve.js')];
    const args = [...sockets, '--fdname=public:management', ...env, '--setenv=BALANCERS='];
    const child = spawn('systemd-socket-activate', [...args, ...command], { stdio: 'ignore' });
    sample.opened.onClose(async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    await listens(open);
    expect((await ask(`http://127.0.0.1:${open}/greeting/ann`)).status).toBe(200);
    // It is ready a moment after its first answer.
    while ((await ask(`http://127.0.0.1:${management}/readyz`)).status !== 200);
  });
});

/** Resolves when somebody accepts, or holds who connects in a queue. */
async function listens(port: number): Promise<void> {
  while (!(await readFile('/proc/net/tcp', 'utf8')).includes(`:${hex(port)} 00000000:0000 0A`)) {
    await new Promise(setImmediate);
  }
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
