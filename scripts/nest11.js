/**
 * Runs the e2e tests of test/nest and test/management on Nest 11, for the repository itself has Nest 12: copies the sources to
 * a temporary folder, installs and builds there, so with the types of Nest 11 too, and runs Jest. Nothing
 * in this repository is touched.
 *
 *     node scripts/nest11.js                               # as in CI
 *     node scripts/nest11.js --folder /tmp/nest11 health   # keeps the folder, runs health*.e2e-spec.ts
 *     node scripts/nest11.js --nest '~11.0.0' feature      # an older one
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = [
  'lib',
  'test',
  'scripts',
  'jest.config.js',
  'tsconfig.json',
  'tsconfig.build.json',
];

/** Not numbered as Nest is, or for Nest 11 in their newest version too. */
const NOT_OF_NEST = new Set(['@nestjs/cache-manager', '@nestjs/terminus', '@nestjs/throttler']);
/** Not called by these tests; leaving them out halves the installation. */
const TOOLS = [
  '@arethetypeswrong/cli',
  '@bull-board/nestjs',
  '@nestjs/bull-shared',
  '@nestjs/cli',
  '@nestjs/serve-static',
  'autocannon',
  'dependency-cruiser',
  'http-terminator',
  'oxlint',
  'oxlint-tsgolint',
  'prettier',
  'publint',
];

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const args = process.argv.slice(2);
/** Takes an option and its value out of the arguments. */
const optionOf = (name) => {
  const at = args.indexOf(name);
  return at === -1 ? undefined : args.splice(at, 2)[1];
};
const NEWEST = '^11.0.0';
const range = optionOf('--nest') ?? NEWEST;

const isOfNest = (name) => name.startsWith('@nestjs/') && !NOT_OF_NEST.has(name);

/** The package's manifest with every package of Nest at version 11. */
function manifest() {
  const { devDependencies, ...rest } = readJson(join(root, 'package.json'));
  const dependencies = Object.entries(devDependencies)
    .filter(([name]) => !TOOLS.includes(name))
    .map(([name, version]) => [name, isOfNest(name) ? range : version]);
  return { ...rest, devDependencies: Object.fromEntries(dependencies) };
}

/** The lock without Nest: everything else stays at the versions that the other tests have. */
function lock() {
  const { packages, ...rest } = readJson(join(root, 'package-lock.json'));
  const kept = Object.entries(packages).filter(
    ([path]) => path !== '' && !isOfNest(path.slice('node_modules/'.length)),
  );
  return { ...rest, packages: Object.fromEntries(kept) };
}

function copySources(folder) {
  mkdirSync(folder, { recursive: true });
  for (const source of SOURCES) {
    rmSync(join(folder, source), { recursive: true, force: true });
    cpSync(join(root, source), join(folder, source), { recursive: true });
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest(), null, 2));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock(), null, 2));
}

function run(command, args, cwd) {
  console.log(`> ${command} ${args.join(' ')}`);
  execFileSync(command, args, { cwd, stdio: 'inherit' });
}

const kept = optionOf('--folder');
const folder = kept ?? mkdtempSync(join(tmpdir(), 'nestjs-http-pool-nest11-'));
try {
  copySources(folder);
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  // The plugins of Fastify that the tests have are newer than an older Nest asks for.
  if (range !== NEWEST) quiet.push('--legacy-peer-deps');
  run('npm', ['install', '--include=dev', '--prefer-offline', ...quiet], folder);
  const { version } = readJson(join(folder, 'node_modules/@nestjs/core/package.json'));
  if (!version.startsWith('11.')) throw new Error(`@nestjs/core ${version} was installed`);
  // An older one has not all the types that the sources are written with, as their users have only those of `dist`.
  if (range === NEWEST) run('npm', ['run', '--silent', 'build'], folder);
  else {
    run('npm', ['run', '--silent', 'build'], root);
    cpSync(join(root, 'dist'), join(folder, 'dist'), { recursive: true });
  }
  console.log(`\ntest/nest on Nest ${version}`);
  const paths =
    args.length > 0
      ? args.map((arg) => (arg.startsWith('test/') ? arg : `test/nest/${arg}`))
      : ['test/nest', 'test/management'];
  // nestjs-pino 5 leaves the lines in Nest's buffer here: on Nest 11 it wants a version of its own.
  const ignored = ['--testPathIgnorePatterns', 'log-pino'];
  const jest = ['--selectProjects', 'e2e', ...ignored, '--testPathPatterns', ...paths];
  run('npm', ['run', '--silent', 'jest', '--', ...jest], folder);
} catch (error) {
  console.error(`\nNest 11: ${error.message}`);
  process.exitCode = 1;
} finally {
  if (kept === undefined) rmSync(folder, { recursive: true, force: true });
}
