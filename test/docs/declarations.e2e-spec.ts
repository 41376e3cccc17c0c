import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, jest } from '@jest/globals';

// The compiler reads the declarations of Nest and Node, too.
jest.setTimeout(120_000);

const root = fileURLToPath(new URL('../..', import.meta.url));
const compiler = 'node_modules/@typescript/native/bin/tsc';
const resolutions = {
  nodenext: ['--module', 'nodenext'],
  bundler: ['--module', 'preserve', '--moduleResolution', 'bundler'],
};
const strictly = '--noEmit --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess';
const others = '--target es2022 --experimentalDecorators --types node --ignoreConfig';

/** The classic resolution, and the packed tarball with its peers, are for `npm run pack:check`. */
describe('the declarations of the built package', () => {
  it.each(Object.entries(resolutions))(
    'take options that are given on a condition, resolved by %s',
    (_name, resolution) => {
      const options = [...resolution, ...strictly.split(' '), ...others.split(' ')];
      const args = [compiler, ...options, 'scripts/pack-check/types.ts'];
      const { stdout, status } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
      expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
    },
  );

  it('name no type of Node with an argument, which a compiler before 5.7 does not know', () => {
    const dist = `${root}dist/`;
    const files = readdirSync(dist, { recursive: true }) as string[];
    const generic = files.filter(
      (file) =>
        file.endsWith('.d.ts') &&
        /\b(?:Buffer|Uint8Array)</.test(readFileSync(dist + file, 'utf8')),
    );
    expect(generic).toEqual([]);
  });
});
