import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { ask } from '../support/http-client.js';
import { CodeOnDisk } from './support/code-on-disk.js';
import { application, Supervised, type SupervisedOptions } from './support/supervised.js';
import { StrictClients } from './support/strict-clients.js';

// Each start of a process takes seconds on a busy machine.
jest.setTimeout(180_000);

describe('the workers of a supervisor', () => {
  let supervised: Supervised | undefined;
  afterEach(async () => {
    await supervised?.kill();
    await StrictClients.endAll();
  });

  const start = async (options: SupervisedOptions = {}): Promise<[Supervised, string]> => {
    supervised = new Supervised(application('plain.mjs'), options);
    const listens = supervised.line('listens on');
    await supervised.ready();
    return [supervised, `http://127.0.0.1:${(await listens).split(' ').at(-1)}`];
  };
  const pidOf = async (url: string): Promise<number> => Number((await ask(url)).body.split(' ')[0]);

  it('are replaced when they die, and who connects meanwhile waits and is answered', async () => {
    const [app, url] = await start();
    const first = await pidOf(url);
    const replaced = app.line('is ready');
    const dies = app.line('was ended by SIGKILL');
    process.kill(first, 'SIGKILL');
    await dies;
    const answered = pidOf(url);
    await replaced;
    expect(await answered).not.toBe(first);
    expect(await app.stop()).toBe(0);
  });

  it('are replaced whatever they end with', async () => {
    const [app, url] = await start({ args: ['127.0.0.1:0', 'x'] });
    const replaced = app.line('is ready');
    const ended = app.line('ended with code 0');
    await ask(`${url}/exit`).catch(() => undefined);
    await ended;
    await replaced;
    expect((await ask(url)).body).toMatch(/^x \d+/);
  });

  it('that are sent SIGTERM are replaced before they leave, and lose nothing', async () => {
    const [app, url] = await start();
    const clients = new StrictClients(url);
    let worker = await pidOf(url);
    for (let count = 0; count < 2; count += 1) {
      const replaced = app.line('is ready');
      process.kill(worker, 'SIGTERM');
      worker = Number(/worker (\d+)/.exec(await replaced)?.[1]);
    }
    while (clients.answers.size < 3) await ask(url);
    await clients.end();
    expect(clients.failures).toEqual([]);
    expect(clients.answers.size).toBe(3);
  });

  it('share every server, and are upgraded together', async () => {
    const [app, url] = await start({ options: ['--workers', '2'] });
    const clients = new StrictClients(url, { clients: 24 });
    while (clients.answers.size < 2) await ask(url);
    await app.upgraded();
    while (clients.answers.size < 4) await ask(url);
    await clients.end();
    expect(clients.failures).toEqual([]);
    expect(await app.stop()).toBe(0);
  });

  it('drain and end when their supervisor is killed', async () => {
    const [app, url] = await start();
    const { hostname, port } = new URL(url);
    const slow = ask(`${url}/slow`);
    const idle = connect(Number(port), hostname);
    await once(idle, 'connect');
    while ((await ask(url)).body === '');
    const worker = await pidOf(url);
    await app.kill();
    expect((await slow).body).toMatch(/^\d+ \d+/);
    while (isAlive(worker)) await new Promise(setImmediate);
    await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    idle.destroy();
  });

  it('end when their supervisor is killed while they start', async () => {
    const code = await CodeOnDisk.at();
    const says = `console.log('starts as', process.pid);`;
    await code.deploy({ says: 'one', before: `${says} process.kill(process.ppid, 'SIGKILL');` });
    supervised = new Supervised(code.entry);
    const pid = Number((await supervised.line('starts as')).split(' ').at(-1));
    await supervised.ended;
    while (isAlive(pid)) await new Promise(setImmediate);
    await code.remove();
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
