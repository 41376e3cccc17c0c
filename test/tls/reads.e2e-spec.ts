import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ServerOptions } from '../../lib/index.js';
import { isSettled, stampOf } from '../../lib/tls/file-digests.js';
import { loadTls } from '../../lib/tls/load-tls.js';
import { digestOf } from '../../lib/tls/pem/pem.js';
import { clientCa, first, second, type KeyPair } from '../support/certificates.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

/** What the system counts of a process; not of every system. */
const counters = '/proc/self/io';
const size = 4 << 20;

/** The bytes that this process has read so far. */
const bytesRead = (): number => Number(/rchar: (\d+)/.exec(readFileSync(counters, 'utf8'))?.[1]);

/** So large that nothing else that is read counts beside it. */
const put = (path: string, pem: string): Promise<void> =>
  writeFile(path, `${' '.repeat(size)}\n${pem}`);

/** Until a write from then on shows by another time stamp of the file. */
const settled = async (...paths: string[]): Promise<void> => {
  for (const path of paths) while (!isSettled(stampOf(path))) await wait(10);
};

(existsSync(counters) ? describe : describe.skip)('a list of TLS servers', () => {
  const listOf = async () => {
    const folder = await opened.folder();
    const cert = join(folder, 'cert');
    const key = join(folder, 'key');
    const clientCA = join(folder, 'ca');
    const tls = { certs: [{ cert, key }], clientCA, authClient: 'require' } as const;
    const list = (): ServerOptions[] =>
      ['a', 'b', 'c'].map((name) => ({ name, listen: LOOPBACK, tls }));
    const pool = opened.pool({ handlers: () => ({ default: says('fine') }) });
    /** How many files are read for it. */
    const filesReadBy = async (change: () => Promise<unknown>): Promise<number> => {
      const before = bytesRead();
      await change();
      return Math.round((bytesRead() - before) / size);
    };
    const apply = () => pool.apply(list());
    await put(clientCA, clientCa.cert);
    await put(cert, first.cert);
    await put(key, first.key);
    return { pool, files: { cert, key, clientCA }, list, apply, filesReadBy };
  };

  it('reads each of its files once when they have changed, and none when they have not', async () => {
    const { pool, files, apply, filesReadBy } = await listOf();
    await settled(...Object.values(files));
    expect(await filesReadBy(apply)).toBe(3);
    await pool.start();
    expect(await filesReadBy(apply)).toBe(0);
    await put(files.cert, second.cert);
    await put(files.key, second.key);
    await settled(files.cert, files.key);
    expect(await filesReadBy(apply)).toBe(2);
    expect(await filesReadBy(apply)).toBe(0);
  });

  it('reads each of its files once when they were written just before', async () => {
    const { pool, files, list, apply, filesReadBy } = await listOf();
    const now = new Date();
    // Not by the clock: a busy machine takes its time between a write and what comes next.
    const justWritten = () =>
      Promise.all(Object.values(files).map((file) => utimes(file, now, now)));
    await apply();
    await pool.start();
    for (const [pair, change] of [
      [second, apply],
      [first, () => pool.get('a')!.setConfig(list()[0]!)],
      [second, () => pool.get('b')!.restart()],
    ] as const) {
      await put(files.cert, pair.cert);
      await put(files.key, pair.key);
      await justWritten();
      expect(await filesReadBy(change)).toBe(3);
    }
  });

  it('reads a file that all of them watch once when it has changed', async () => {
    const file = join(await opened.folder(), 'both');
    const both = ({ cert, key }: KeyPair): string => `${cert}\n${key}`;
    await put(file, both(first));
    await settled(file);
    const pool = opened.pool({ handlers: () => ({ default: says('fine') }) });
    const tls = { certs: [{ cert: file, key: file }], watch: true };
    await pool.apply(['a', 'b', 'c'].map((name) => ({ name, listen: LOOPBACK, tls })));
    await pool.start();
    await put(`${file}.new`, both(second));
    const before = bytesRead();
    let taken = 0;
    const all = new Promise<void>((resolve) => {
      pool.events$.subscribe(({ type }) => type === 'config' && (taken += 1) === 3 && resolve());
    });
    await rename(`${file}.new`, file);
    await all;
    expect(Math.round((bytesRead() - before) / size)).toBe(1);
  });
});

/** Writes the one and the other into a file, by a rename, over and over. */
const rewriter = `
  const { renameSync, writeFileSync } = require('node:fs');
  const { parentPort, workerData: { file, texts } } = require('node:worker_threads');
  const turn = (at) => {
    writeFileSync(file + '.new', texts[at % texts.length]);
    renameSync(file + '.new', file);
    if (at === 0) parentPort.postMessage('begun');
    setImmediate(turn, at + 1);
  };
  turn(0);
`;

it('takes a certificate for none but itself while its file is written over and over', async () => {
  const file = join(await opened.folder(), 'both.pem');
  const texts = [first, second].map(({ cert, key }) => `${cert}\n${key}`) as [string, string];
  const worker = new Worker(rewriter, { eval: true, workerData: { file, texts } });
  opened.onClose(() => worker.terminate());
  await once(worker, 'message');
  const mistaken: (string | undefined)[] = [];
  for (let load = 0; load < 40; load += 1) {
    // Another name, so that none is known; many others, so that it is written while it is parsed.
    const others = Array.from({ length: 10 }, (_, at) => ({ ...first, names: [`${load}.${at}`] }));
    const { material } = loadTls({ certs: [{ cert: file, key: file }, ...others] });
    const [name] = material?.certificates[0]?.names ?? [];
    const text = name === 'first.test' ? texts[0] : texts[1];
    if (!material?.fingerprint.includes(digestOf(text))) mistaken.push(name);
  }
  expect(mistaken).toEqual([]);
});
