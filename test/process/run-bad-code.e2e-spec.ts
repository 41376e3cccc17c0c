import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CodeOnDisk } from './support/code-on-disk.js';
import { StrictClients } from './support/strict-clients.js';
import { Supervised } from './support/supervised.js';

const throws = `throw new Error('bad code');`;

// Each start of a process takes seconds on a busy machine.
jest.setTimeout(180_000);

describe('an upgrade to code that does not come up', () => {
  let code: CodeOnDisk;
  let supervised: Supervised | undefined;
  beforeEach(async () => void (code = await CodeOnDisk.at()));
  afterEach(async () => {
    await supervised?.kill();
    await StrictClients.endAll();
    await code.remove();
  });

  const start = async (...options: string[]): Promise<[Supervised, StrictClients]> => {
    await code.deploy({ says: 'good' });
    supervised = new Supervised(code.entry, { options });
    const listens = supervised.line('main listens on');
    await supervised.ready();
    const url = `http://127.0.0.1:${(await listens).split(' ').at(-1)}`;
    return [supervised, new StrictClients(url, { clients: 8 })];
  };

  const failed = async (app: Supervised): Promise<string> => {
    const failure = app.line('1 serves on');
    app.signal('SIGHUP');
    return failure;
  };

  it.each([
    ['throws before its pool starts', { before: throws }, 'code 1'],
    ['throws behind the start of its pool', { after: throws }, 'code 1'],
    [
      'rejects behind the start of its pool',
      { after: `setImmediate(() => Promise.reject(new Error('late')));` },
      'code 1',
    ],
    ['exits behind the start of its pool', { after: 'process.exit(5);' }, 'code 5'],
    ['ends by itself', { before: 'process.exitCode = 4; await new Promise(() => {});' }, 'code 4'],
    ['is killed while it starts', { before: `process.kill(process.pid, 'SIGKILL');` }, 'SIGKILL'],
  ])('that %s leaves the old code serving, and says why', async (_, bad, why) => {
    const [app, clients] = await start();
    await code.deploy({ says: 'bad', ...bad });
    expect(await failed(app)).toContain(why);
    await code.deploy({ says: 'better' });
    await app.upgraded();
    await clients.answeredBy('better');
    await clients.end();
    // Code that ends its process on the spot takes with it what it has been asked by then.
    expect(clients.failures).toEqual([]);
    expect(await app.stop()).toBe(0);
  });

  it('that is no JavaScript, or is gone, leaves the old code serving', async () => {
    const [app, clients] = await start();
    await code.write('import {');
    expect(await failed(app)).toContain('code 1');
    await code.remove();
    expect(await failed(app)).toContain('code 1');
    await clients.end();
    expect([...clients.answers.keys()]).toEqual(['good']);
    expect(clients.failures).toEqual([]);
    expect(app.lines.join('\n')).toContain('SyntaxError');
  });

  it('whose second server can not listen leaves the old code serving', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const [app, clients] = await start();
    await code.deploy({ says: 'bad', servers: [{ name: 'b', listen: `127.0.0.1:${port}` }] });
    expect(await failed(app)).toContain('code 1');
    taken.close();
    await app.upgraded();
    await clients.end();
    expect(clients.failures).toEqual([]);
  });

  it('that is not ready in time is ended, and the old code serves', async () => {
    const [app, clients] = await start('--ready-timeout', '5s');
    await code.deploy({ says: 'bad', before: 'await new Promise((r) => setTimeout(r, 1e6));' });
    expect(await failed(app)).toContain('5000 ms');
    await clients.end();
    expect([...clients.answers.keys()]).toEqual(['good']);
    expect(clients.failures).toEqual([]);
  });

  it('and whose event loop stands still is killed', async () => {
    const [app, clients] = await start('--ready-timeout', '5s', '--stop-timeout', '100ms');
    await code.deploy({ says: 'bad', before: 'for (;;);' });
    expect(await failed(app)).toContain('5000 ms');
    await clients.end();
    expect(clients.failures).toEqual([]);
  });
});

describe('a first start that fails', () => {
  it('ends with code 1 and says why', async () => {
    const code = await CodeOnDisk.at();
    await code.deploy({ says: 'bad', before: throws });
    const supervised = new Supervised(code.entry);
    expect(await supervised.ended).toEqual({ code: 1, signal: null });
    const printed = supervised.lines.join('\n');
    expect(printed).toContain('bad code');
    expect(printed).toMatch(/did not start: worker \d+ ended with code 1/);
    await code.remove();
  });
});
