import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A regex and an address of IPv6 load what nothing else does. */
const application = `
import { Pool, PooledServer } from './dist/index.js';
const server = PooledServer.create({ name: 'web', listen: '[::1]:0' });
const found = new Pool({ servers: [server] }).list('name', 'bind', undefined, '^w');
console.log(JSON.stringify(found));
`;

it.each([
  ['cjs', 'commonjs'],
  ['esm', 'module'],
] as const)('the package runs out of a bundle of %s', async (format, type) => {
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: { contents: application, resolveDir: root },
    bundle: true,
    write: false,
    platform: 'node',
    packages: 'external',
    format,
    logLevel: 'silent',
  });
  const args = [`--input-type=${type}`, '--disable-warning=ExperimentalWarning', '-'];
  const input = outputFiles[0]!.text;
  const output = execFileSync(process.execPath, args, { cwd: root, input, encoding: 'utf8' });
  expect(JSON.parse(output)).toEqual(['[::1]:0']);
});

/** A transform to CommonJS, such as that of swc for Jest, knows it in one piece, and leaves the rest for Node to refuse. */
it('the package uses of import.meta the URL alone, in one piece', async () => {
  const dist = join(root, 'dist');
  const files = (await readdir(dist)).filter((name) => name.endsWith('.js'));
  const texts = await Promise.all(files.map((name) => readFile(join(dist, name), 'utf8')));
  const uses = texts.flatMap((text) => text.match(/\bimport\.meta(?:\.\w+)*/g) ?? []);
  expect(new Set(uses)).toEqual(new Set(['import.meta.url']));
});
