import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { failure } from '../support/events.js';
import { ask } from '../support/http-client.js';
import { CodeOnDisk } from './support/code-on-disk.js';
import { application, Supervised, type SupervisedOptions } from './support/supervised.js';
import { StrictClients } from './support/strict-clients.js';

// Each start of a process takes seconds on a busy machine.
jest.setTimeout(180_000);

describe('signals to a supervisor', () => {
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

  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s finishes what is under way, with code 0',
    async (signal) => {
      const [app, url] = await start();
      const asked = app.line('asked /slow');
      const slow = ask(`${url}/slow`);
      await asked;
      app.signal(signal);
      expect((await slow).status).toBe(200);
      expect(await app.ended).toEqual({ code: 0, signal: null });
    },
  );

  it('a stop whose grace runs out ends with code 0, and the log says what was cut', async () => {
    const [app, url] = await start({ options: ['--stop-timeout', '100ms'] });
    const asked = app.line('asked /endless');
    const endless = failure<NodeJS.ErrnoException>(ask(`${url}/endless`));
    await asked;
    expect(await app.stop()).toBe(0);
    expect((await endless).code).toBe('ECONNRESET');
    expect(app.lines.join('\n')).toMatch(/grace of server 'main' ran out.*cut: 1 http1/);
  });

  it.each([
    ['SIGTERM', 'SIGTERM', 143],
    ['SIGTERM', 'SIGINT', 130],
    ['SIGINT', 'SIGTERM', 143],
  ] as const)('%s and then %s ends at once, with code %i', async (first, second, code) => {
    const pidFile = join(tmpdir(), `run-${process.pid}-${first}-${second}.pid`);
    const [app, url] = await start({ options: ['--pid-file', pidFile] });
    expect(existsSync(pidFile)).toBe(true);
    const asked = app.line('asked /endless');
    const endless = failure<NodeJS.ErrnoException>(ask(`${url}/endless`));
    await asked;
    const drains = app.line('drains');
    app.signal(first);
    await drains;
    app.signal('SIGHUP');
    app.signal(second);
    expect(await app.ended).toEqual({ code, signal: null });
    expect(existsSync(pidFile)).toBe(false);
    expect((await endless).code).toBe('ECONNRESET');
    // The worker ends when it sees that its supervisor has gone.
    const refusal = async (): Promise<string | undefined> =>
      (await failure<NodeJS.ErrnoException>(ask(url))).code;
    while ((await refusal()) !== 'ECONNREFUSED');
  });

  it('SIGHUP while an upgrade is under way makes one more, on the newest code', async () => {
    const code = await CodeOnDisk.at();
    await code.deploy({ says: 'one' });
    const app = (supervised = new Supervised(code.entry));
    const listens = app.line('main listens on');
    await app.ready();
    const url = `http://127.0.0.1:${(await listens).split(' ').at(-1)}`;
    const clients = new StrictClients(url);
    await code.deploy({ says: 'two' });
    const second = app.line('generation 2 is ready');
    const third = app.line('generation 3 is ready');
    const left = app.line('generation 2 has left');
    const starts = app.line('generation 2 starts');
    app.signal('SIGHUP');
    await starts;
    for (let count = 0; count < 5; count += 1) app.signal('SIGHUP');
    await second;
    await code.deploy({ says: 'three' });
    await third;
    await left;
    expect((await ask(url)).body).toMatch(/^three/);
    await clients.end();
    expect(clients.failures).toEqual([]);
    expect(await app.stop()).toBe(0);
    expect(app.lines.join('\n')).not.toContain('generation 4');
    await code.remove();
  });

  it('SIGHUP before the first generation serves makes an upgrade behind it', async () => {
    supervised = new Supervised(application('plain.mjs'));
    const second = supervised.line('generation 2 is ready');
    await supervised.line('generation 1 starts');
    supervised.signal('SIGHUP');
    await second;
    expect(await supervised.stop()).toBe(0);
  });

  it('SIGTERM while the first generation, or another one, starts ends with code 0', async () => {
    supervised = new Supervised(application('plain.mjs'));
    await supervised.line('generation 1 starts');
    expect(await supervised.stop()).toBe(0);

    const [app] = await start();
    const starts = app.line('generation 2 starts');
    app.signal('SIGHUP');
    await starts;
    expect(await app.stop()).toBe(0);
  });

  it('a signal to all processes, as a terminal sends it, drains as one to the supervisor does', async () => {
    const [app, url] = await start({ isGroup: true });
    const asked = app.line('asked /slow');
    const slow = ask(`${url}/slow`);
    await asked;
    process.kill(-app.pid, 'SIGINT');
    expect((await slow).status).toBe(200);
    expect(await app.ended).toEqual({ code: 0, signal: null });
    expect(app.lines.join('\n')).not.toContain('takes its place');
  });
});
