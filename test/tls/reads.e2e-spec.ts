import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ServerOptions } from '../../lib/index.js';
import { isSettled, stampOf } from '../../lib/tls/file-digests.js';
import { clientCa, first, second } from '../support/certificates.js';
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
const put = async (path: string, pem: string): Promise<void> => {
  await writeFile(path, `${' '.repeat(size)}\n${pem}`);
  while (!isSettled(stampOf(path))) await wait(10);
};

(existsSync(counters) ? describe : describe.skip)('a list of TLS servers', () => {
  it('reads each of its files once when they have changed, and none when they have not', async () => {
    const folder = await opened.folder();
    const [cert, key, clientCA] = ['cert', 'key', 'ca'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const tls = { certs: [{ cert, key }], clientCA, authClient: 'require' } as const;
    const list = (): ServerOptions[] =>
      ['a', 'b', 'c'].map((name) => ({ name, listen: LOOPBACK, tls }));
    const pool = opened.pool({ handlers: () => ({ default: says('fine') }) });
    const filesRead = async (): Promise<number> => {
      const before = bytesRead();
      await pool.apply(list());
      return Math.round((bytesRead() - before) / size);
    };

    await put(clientCA, clientCa.cert);
    await put(cert, first.cert);
    await put(key, first.key);
    expect(await filesRead()).toBe(3);
    await pool.start();
    expect(await filesRead()).toBe(0);
    await put(cert, second.cert);
    await put(key, second.key);
    expect(await filesRead()).toBe(2);
    expect(await filesRead()).toBe(0);
  });
});
