import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isSettled, settledMs, stamped, stampOf } from './file-digests.js';
import { FileWatch } from './file-watch.js';

let folder = '';
let watch: FileWatch | undefined;
let told = 0;
let waiting: (() => void) | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watch-'));
  told = 0;
});
afterEach(async () => {
  watch?.close();
  await rm(folder, { recursive: true });
});

const open = (...paths: string[]): void => {
  watch = new FileWatch(paths.map(stamped), () => {
    told += 1;
    waiting?.();
  });
};

/** Resolves when the watch has told of a change since the last time. */
const next = async (change: () => Promise<unknown>): Promise<void> => {
  const before = told;
  const tells = new Promise<void>((resolve) => (waiting = () => told > before && resolve()));
  await change();
  await tells;
};

/** As Kubernetes publishes a secret: a new folder, and a link that is swapped to it. */
const publish = async (mount: string, version: string, text: string): Promise<void> => {
  const data = join(mount, `..${version}`);
  await mkdir(data);
  await writeFile(join(data, 'tls.crt'), text);
  await symlink(`..${version}`, join(mount, '..data_tmp'));
  await rename(join(mount, '..data_tmp'), join(mount, '..data'));
};

describe('FileWatch', () => {
  it('tells of each write in place', async () => {
    const file = join(folder, 'a.pem');
    await writeFile(file, '1');
    open(file);
    for (const text of ['22', '333', '4444']) await next(() => writeFile(file, text));
  });

  it('tells of each rename over the file', async () => {
    const file = join(folder, 'a.pem');
    await writeFile(file, '1');
    open(file);
    for (const text of ['22', '333', '4444']) {
      await next(async () => {
        await writeFile(`${file}.new`, text);
        await rename(`${file}.new`, file);
      });
    }
  });

  it('tells of each swap of the link of a mounted secret, and of the folder beneath it', async () => {
    await publish(folder, '1', 'one');
    await symlink('..data/tls.crt', join(folder, 'tls.crt'));
    open(join(folder, 'tls.crt'));
    for (const version of ['2', '3', '4']) {
      await next(async () => {
        await publish(folder, version, version.repeat(4));
        await rm(join(folder, `..${Number(version) - 1}`), { recursive: true });
      });
    }
  });

  it('tells of a link that leads to another folder, above the file', async () => {
    for (const release of ['1', '2', '3']) {
      await mkdir(join(folder, release));
      await writeFile(join(folder, release, 'a.pem'), release);
    }
    await symlink('1', join(folder, 'current'));
    open(join(folder, 'current', 'a.pem'));
    for (const release of ['2', '3']) {
      await next(async () => {
        await symlink(release, join(folder, 'next'));
        await rename(join(folder, 'next'), join(folder, 'current'));
      });
    }
  });

  it('tells of a file that comes to be, and of its folder that was made anew', async () => {
    const file = join(folder, 'a.pem');
    open(file);
    await next(() => writeFile(file, '1'));
    const inner = join(folder, 'inner');
    watch?.close();
    await mkdir(inner);
    await writeFile(join(inner, 'b.pem'), '1');
    open(join(inner, 'b.pem'));
    await next(async () => {
      await rm(inner, { recursive: true });
      await mkdir(inner);
      await writeFile(join(inner, 'b.pem'), '22');
    });
    await next(() => writeFile(join(inner, 'b.pem'), '333'));
  });

  it('tells of what holds for all who read it, whatever else has changed in the folder before', async () => {
    const file = join(folder, 'a.pem');
    await writeFile(file, '1');
    const holds: boolean[] = [];
    open(file);
    for (const text of ['22', '333', '4444']) {
      await next(async () => {
        await writeFile(join(folder, 'b.pem'), text);
        await wait(settledMs / 2);
        await writeFile(file, text);
      });
      holds.push(isSettled(stampOf(file)));
    }
    expect(holds).toEqual([true, true, true]);
  });

  it('tells of a file that is written all the time', async () => {
    const file = join(folder, 'a.pem');
    await writeFile(file, '1');
    open(file);
    const writing = setInterval(() => writeFileSync(file, `${performance.now()}`), settledMs / 10);
    try {
      for (let round = 0; round < 2; round += 1) await next(() => Promise.resolve());
    } finally {
      clearInterval(writing);
    }
  });

  it('says nothing of other files, nor once it is closed', async () => {
    const file = join(folder, 'a.pem');
    await writeFile(file, '1');
    open(file);
    await writeFile(join(folder, 'b.pem'), '1');
    await next(() => writeFile(file, '22'));
    expect(told).toBe(1);
    watch?.close();
    await writeFile(file, '333');
    open(file);
    await next(() => writeFile(file, '4444'));
    expect(told).toBe(2);
  });
});
