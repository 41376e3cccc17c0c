/**
 * Compiles lib/ and test/ where they stand, in Stryker's copy of the project: tests then run in plain Node, with none of
 * Jest's start and loading of modules for each file.
 */
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { transformSync } from '@swc/core';
import jest from '../../jest.config.js';

const [, swc] = jest.projects[0].transform['^.+\\.ts$'];
const globals = pathToFileURL('scripts/mutation/globals.js').href;

for (const folder of ['lib', 'test']) {
  for (const name of readdirSync(folder, { encoding: 'utf8', recursive: true })) {
    if (!name.endsWith('.ts') || name.endsWith('.d.ts')) continue;
    const file = `${folder}/${name}`;
    const source = readFileSync(file, 'utf8').replaceAll("'@jest/globals'", `'${globals}'`);
    const { code } = transformSync(source, { ...swc, filename: file });
    writeFileSync(file.replace(/ts$/, 'js'), code);
  }
}
// The package's own name, and child processes of tests, then mean the mutated code as well.
symlinkSync('lib', 'dist');
