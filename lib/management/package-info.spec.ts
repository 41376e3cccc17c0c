import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { packageInfo } from './package-info.js';

describe('packageInfo', () => {
  let root = '';
  const put = async (path: string, text: unknown): Promise<string> => {
    const file = join(root, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, typeof text === 'string' ? text : JSON.stringify(text));
    return file;
  };
  const APP = { name: 'app', version: '1.2.3' };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'package-info-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('is of the package.json nearest to the entry file', async () => {
    await put('package.json', { name: 'workspace', version: '0.0.0' });
    await put('apps/api/package.json', { ...APP, scripts: {} });
    const entry = await put('apps/api/dist/src/main.js', '');
    expect(await packageInfo(entry, root)).toEqual(APP);
  });

  it('passes over one that names nothing, and one that is no JSON', async () => {
    await put('package.json', APP);
    await put('dist/package.json', { type: 'module' });
    await put('dist/src/package.json', '{ "name": ');
    await put('dist/src/deep/package.json', 'null');
    const entry = await put('dist/src/deep/main.js', '');
    expect(await packageInfo(entry, '/')).toEqual(APP);
  });

  it('follows the link that a command was started by', async () => {
    await put('package/package.json', APP);
    const entry = await put('package/bin/app.js', '');
    await mkdir(join(root, 'bin'));
    await symlink(entry, join(root, 'bin/app'));
    expect(await packageInfo(join(root, 'bin/app'), '/')).toEqual(APP);
  });

  it('is of the working directory where there is no entry file', async () => {
    await put('package.json', { version: '9' });
    expect(await packageInfo(join(root, 'none.js'), root)).toEqual({ version: '9' });
  });

  it('takes texts only', async () => {
    await put('package.json', { name: 'app', version: 3 });
    expect(await packageInfo(join(root, 'none.js'), root)).toEqual({ name: 'app' });
  });
});
