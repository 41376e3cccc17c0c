import { existsSync, linkSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StaleFile } from './stale-file.js';

describe('a stale file', () => {
  let folder = '';
  let path = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pool-'));
    path = join(folder, 'a.sock');
    writeFileSync(path, 'stale');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const stale = (): StaleFile => StaleFile.at(path)!;
  const replaceBy = (text: string) => (): void => {
    writeFileSync(join(folder, text), text);
    renameSync(join(folder, text), path);
  };

  it('is replaced by one alone of those who have found it', async () => {
    const [first, second] = [stale(), stale()];
    expect(first.replace(replaceBy('first'))).toBe(true);
    expect(second.replace(replaceBy('second'))).toBe(false);
    expect(readFileSync(path, 'utf8')).toBe('first');
    expect(await readdir(folder)).toEqual(['a.sock']);
  });

  it('is replaced by nobody else between the look of one and its rename', () => {
    const [first, second] = [stale(), stale()];
    let other: boolean | undefined;
    const replaced = first.replace(() => {
      other = second.replace(replaceBy('second'));
      replaceBy('first')();
    });
    expect([replaced, other]).toEqual([true, false]);
    expect(readFileSync(path, 'utf8')).toBe('first');
  });

  it('is given up when it is gone', () => {
    const found = stale();
    renameSync(path, join(folder, 'b.sock'));
    expect(found.replace(replaceBy('second'))).toBe(false);
    expect(existsSync(path)).toBe(false);
  });

  it('is free again when what replaces it throws', () => {
    expect(() =>
      stale().replace(() => {
        throw new Error('no room');
      }),
    ).toThrow('no room');
    expect(stale().replace(replaceBy('second'))).toBe(true);
  });

  it('is not kept from all others by a process that ended amid its claim', async () => {
    linkSync(path, join(folder, `.${statSync(path).ino}.stale`));
    expect(stale().replace(replaceBy('first'))).toBe(false);
    while (!stale().replace(replaceBy('second'))) await turn();
    expect(readFileSync(path, 'utf8')).toBe('second');
    expect(await readdir(folder)).toEqual(['a.sock']);
  });
});
