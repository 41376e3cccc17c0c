import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  PoolErrorCode,
  readServersFile,
  type Pool,
  type PoolError,
  type PoolPlan,
  type ServerOptions,
} from '../../lib/index.js';
import { failure, record } from '../support/events.js';
import { says } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';
import { expectUnchanged, snapshot } from '../support/snapshot.js';
import { SteadyClients } from '../support/steady-clients.js';
import { on } from './support/running-pools.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

let file = '';
beforeEach(async () => void (file = join(await opened.folder(), 'servers.json')));

const write = (list: readonly ServerOptions[]): Promise<void> =>
  writeFile(file, JSON.stringify(list, undefined, 2));

describe('a reload from a file', () => {
  const reload = async (pool: Pool): Promise<PoolPlan> => pool.apply(await readServersFile(file));

  const started = async (...list: ServerOptions[]): Promise<Pool> => {
    const pool = opened.pool({
      handlers: () => ({ default: says('first'), second: says('second') }),
    });
    await write(list);
    await pool.start();
    await reload(pool);
    return pool;
  };

  it('makes the pool equal to the file', async () => {
    const pool = await started(on('a'), on('b'));
    await write([on('a', { handlerKey: 'second' }), on('c')]);
    expect(await reload(pool)).toMatchObject({ live: ['a'], add: ['c'], remove: ['b'] });
    expect(await text(pool.get('a')?.url)).toBe('second');
    expect(await text(pool.get('c')?.url)).toBe('first');
  });

  it('changes nothing when the file says the same', async () => {
    const pool = await started(on('a', { shutdown: { timeout: '1s' } }), on('b'));
    const before = snapshot(pool);
    await write([on('a', { shutdown: { timeout: 1000 } }), on('b')]);
    expect((await reload(pool)).keep).toEqual(['a', 'b']);
    expectUnchanged(pool, before);
  });

  it.each<[string, string, RegExp]>([
    [
      'invalid JSON',
      '[\n  { "name": "a", }\n]',
      /servers\.json:2:18 is no valid JSON: a key in double quotes is expected/,
    ],
    ['half a file', '[{ "name": "a", "listen"', /:1:25 .*the text ends here, a colon is expected/],
    ['nothing', '', /:1:1 .*the text ends here, a value is expected/],
    ['no list', '{ "name": "a" }', /give a list of server options/],
    ['no configs', '[1, null]', /servers\[0\][^]*servers\[1\]/],
    [
      'a faulty config among good ones',
      '[{ "name": "a", "listen": "127.0.0.1:0", "handlerKey": "second" }, { "name": "b", "listen": 80 }]',
      /servers\[1\]\.listen/,
    ],
    [
      'a certificate that is not there',
      '[{ "name": "a", "listen": "127.0.0.1:0", "tls": { "certs": [{ "cert": "no.pem", "key": "no.pem" }] } }]',
      /servers\[0\]\.tls\.certs\[0\]\.cert.*no\.pem/,
    ],
  ])('leaves everything serving when the file holds %s', async (_, content, message) => {
    const pool = await started(on('a'), on('b'));
    const client = await RawClient.connect(pool.get('a')?.url ?? '');
    opened.onClose(() => client.close());
    client.send(get('/'));
    await client.until('first');
    const before = snapshot(pool);
    const events = record(pool);
    await writeFile(file, content);
    const error = await failure<PoolError>(reload(pool));
    expect(error.code).toBe(PoolErrorCode.ERR_POOL_VALIDATE);
    expect(error.message).toMatch(message);
    expectUnchanged(pool, before);
    expect(events).toEqual([]);
    client.received = '';
    client.send(get('/'));
    expect(await client.until('first')).not.toMatch(/Connection: close/i);
    await write([on('a', { handlerKey: 'second' }), on('b')]);
    expect((await reload(pool)).live).toEqual(['a']);
  });

  it('leaves everything serving when the file is gone', async () => {
    const pool = await started(on('a'));
    await rm(file);
    const error = await failure<PoolError>(reload(pool));
    expect(error.message).toBe(`${file} cannot be read, there is no such file`);
    expect(await text(pool.get('a')?.url)).toBe('first');
  });
});

interface Report {
  readonly error?: string;
  readonly actions?: string[];
  readonly servers?: { name: string; url: string; state: string }[];
}

describe('a process that gets a SIGHUP', () => {
  const start = async (...list: ServerOptions[]): Promise<[ChildProcess, Report]> => {
    await write(list);
    const path = new URL('children/reload.mjs', import.meta.url).pathname;
    const child = fork(path, [file]);
    opened.onClose(async () => {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    });
    return [child, await next(child)];
  };

  const next = async (child: ChildProcess): Promise<Report> => {
    const [report] = (await once(child, 'message')) as [Report];
    return report;
  };

  const hangUp = async (child: ChildProcess): Promise<Report> => {
    const report = next(child);
    process.kill(child.pid as number, 'SIGHUP');
    return report;
  };

  it('takes the file again under load, and no client sees an error, whatever is in the file', async () => {
    const list = [on('a', { handlerKey: 'second' }), on('b')];
    const [child, { servers = [] }] = await start(...list);
    const clients = new SteadyClients(servers.map(({ url }) => url));
    opened.onClose(() => clients.abort());
    for (let round = 1; round <= 10; round += 1) {
      await clients.more();
      await writeFile(file, '[');
      expect((await hangUp(child)).error).toContain(`${file}:1:2`);
      await clients.more();
      await write([on('a', { idleTimeout: round * 1000 }), on('b'), on(`new-${round}`)]);
      const { actions } = await hangUp(child);
      expect(actions?.slice(0, 3)).toEqual(['a live', 'b keep', `new-${round} add`]);
    }
    await clients.end();
    expect(clients.failures).toEqual([]);
    expect(clients.bodies).toEqual(new Set(['first', 'second']));
  });

  it('takes what the file says last when several signals come at once', async () => {
    const [child] = await start(on('a'));
    const reports: Report[] = [];
    child.on('message', (report: Report) => reports.push(report));
    for (const name of ['b', 'c', 'd']) {
      // Replaced as a whole, so that no reload sees half of it.
      await writeFile(`${file}.new`, JSON.stringify([on(name)]));
      await rename(`${file}.new`, file);
      process.kill(child.pid as number, 'SIGHUP');
    }
    await hangUp(child);
    while (reports.at(-1)?.servers?.[0]?.name !== 'd') await next(child);
    expect(reports.at(-1)?.servers).toMatchObject([{ name: 'd', state: 'running' }]);
    expect(reports.every(({ error }) => error === undefined)).toBe(true);
  });

  it('ends by itself when it is told to stop', async () => {
    const [child] = await start(on('a'));
    const exited = once(child, 'exit');
    child.disconnect();
    expect(await exited).toEqual([0, null]);
  });
});
