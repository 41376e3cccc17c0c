import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import { readServersFile } from './read-servers-file.js';

describe('readServersFile', () => {
  let folder = '';
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pool-'))));
  afterAll(() => rm(folder, { recursive: true }));

  const file = async (text: string): Promise<string> => {
    const path = join(folder, 'servers.json');
    await writeFile(path, text);
    return path;
  };

  const refusal = async (path: string): Promise<PoolError> => {
    const error: unknown = await readServersFile(path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(PoolError);
    expect((error as PoolError).code).toBe(PoolErrorCode.ERR_POOL_VALIDATE);
    expect((error as PoolError).message).toContain(path);
    return error as PoolError;
  };

  it('reads a list as it is, valid or not', async () => {
    const list = [{ name: 'a', listen: ':1' }, 7];
    expect(await readServersFile(await file(JSON.stringify(list)))).toEqual(list);
    expect(await readServersFile(await file('\uFEFF[]\n'))).toEqual([]);
  });

  it('names the line and column of a fault, and shows nothing of the text', async () => {
    const path = await file('[\n  { "key": "secret" "x" }\n]');
    const { message } = await refusal(path);
    expect(message).toBe(`${path}:2:21 is no valid JSON: a comma is expected`);
    expect(message).not.toContain('secret');
  });

  it('refuses what is no list', async () => {
    const { message } = await refusal(await file('{ "servers": [] }'));
    expect(message).toContain('give a list of server options');
  });

  it('says why a file cannot be read', async () => {
    const missing = await refusal(join(folder, 'none.json'));
    expect(missing.message).toContain('there is no such file');
    expect(missing.cause).toMatchObject({ code: 'ENOENT' });
    expect((await refusal(folder)).message).toContain('it is a folder');
  });
});
