import { execFileSync } from 'node:child_process';
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
