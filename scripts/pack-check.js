/**
 * Checks the package as its users get it: what is in the tarball, its types and entry points,
 * that it serves in a fresh folder with Nest 12 and with Nest 11, imported and required, and that the
 * Jest of a CommonJS application on Nest 11 runs it.
 * Run by `npm run pack:check`, which builds first.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const apps = join(root, 'scripts', 'pack-check');
const tsc = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
/** The compiler before the native one, which has the classic resolution still. */
const tsc6 = join(root, 'node_modules', 'typescript', 'bin', 'tsc6');

const always = ['class-validator', 'class-transformer', 'rxjs@7', 'reflect-metadata'];
const nest = (major) =>
  ['common', 'core', 'platform-express', 'testing'].map((name) => `@nestjs/${name}@${major}`);
const consumers = {
  'nest-12': [...nest(12), '@nestjs/terminus@12', ...always],
  'nest-11': [...nest(11), '@nestjs/terminus@12', ...always],
  // What was there before terminus 12, which runs on Nest 11 too.
  'nest-11-terminus-11': [...nest(11), '@nestjs/terminus@11', ...always],
};

function run(command, args, options) {
  console.log(`> ${command} ${args.join(' ')}`);
  return execFileSync(command, args, { cwd: root, stdio: 'inherit', ...options });
}

/** Packs into `folder` and returns the tarball's path, after a look at what it holds. */
function pack(folder) {
  const json = run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // npm 12 and later may key the result by package name.
  const [{ filename, files }] = Object.values(JSON.parse(json));
  const paths = files.map(({ path }) => path);
  const expected = ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json'];
  const missing = [...expected, 'dist/index.js', 'dist/index.d.ts'].filter(
    (path) => !paths.includes(path),
  );
  const strange = paths.filter(
    (path) => !expected.includes(path) && !/^dist\/.*(?<!\.spec)\.(js|js\.map|d\.ts)$/.test(path),
  );
  if (missing.length || strange.length) {
    throw new Error(`The tarball lacks [${missing.join()}], should not hold [${strange.join()}].`);
  }
  console.log(`${paths.length} files in ${filename}`);
  return join(folder, filename);
}

/** What compilers resolve the package by: its exports, and for the classic ones `main` and `types`. */
const RESOLUTIONS = {
  nodenext: [tsc, '--module', 'nodenext'],
  bundler: [tsc, '--module', 'preserve', '--moduleResolution', 'bundler'],
  classic: [
    tsc6,
    '--module',
    'commonjs',
    '--moduleResolution',
    'node10',
    '--ignoreDeprecations',
    '6.0',
  ],
};

/** Fails on what a user's compiler would say of our declarations (a name cut by stripInternal). */
function checkDeclarations(folder, [compiler, ...resolution]) {
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022'];
  const decorators = ['--experimentalDecorators', '--ignoreConfig'];
  try {
    // The types of Node are this repository's; those of Nest are the consumer's.
    const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node'];
    run(
      process.execPath,
      [compiler, ...resolution, ...options, ...decorators, ...types, 'types.ts'],
      { cwd: folder, stdio: 'pipe' },
    );
  } catch (error) {
    // Other packages' declarations may be at odds with this compiler: not ours to judge.
    const ours = String(error.stdout)
      .split('\n')
      .filter((line) => /^(types\.ts|node_modules\/nestjs-http-pool\/)/.test(line));
    if (ours.length) throw new Error(`The declarations do not compile:\n${ours.join('\n')}`);
  }
}

function install(folder, tarball, packages) {
  const quiet = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'];
  run('npm', ['install', '--loglevel=error', ...quiet, tarball, ...packages], { cwd: folder });
}

function checkConsumer(folder, tarball, packages) {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  install(folder, tarball, packages);
  cpSync(apps, folder, { recursive: true });
  for (const resolution of Object.values(RESOLUTIONS)) checkDeclarations(folder, resolution);
  for (const app of ['app.mjs', 'app.cjs']) {
    // The time limit is the check that nothing of the pool keeps the process alive.
    run(process.execPath, [app], { cwd: folder, timeout: 20_000 });
  }
}

/** As `nest new` of Nest 11 sets Jest up: CommonJS, by ts-jest. */
const STOCK_JEST = {
  moduleFileExtensions: ['js', 'json', 'ts'],
  testRegex: String.raw`.*\.spec\.ts$`,
  transform: { [String.raw`^.+\.(t|j)s$`]: 'ts-jest' },
  testEnvironment: 'node',
};
const JEST = [
  'jest@30',
  'ts-jest@29',
  'typescript@5',
  '@swc/core',
  '@swc/jest',
  '@types/jest',
  '@types/node@20',
];

/** What docs/testing.md says to add to that. */
function recipe() {
  const page = readFileSync(join(root, 'docs', 'testing.md'), 'utf8');
  const [, json] = page.match(/<!-- jest -->\n```json\n([^]*?)```/);
  return JSON.parse(json);
}

/** Runs a test of a CommonJS application with the recipe of the docs. */
function checkJest(folder, tarball) {
  cpSync(join(root, 'scripts', 'jest-app'), folder, { recursive: true });
  const jest = { ...STOCK_JEST, ...recipe() };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, jest }));
  const packages = [...nest(11), '@nestjs/terminus@12', ...always, ...JEST];
  install(folder, tarball, packages);
  run(process.execPath, ['node_modules/jest/bin/jest.js'], { cwd: folder });
}

const temp = mkdtempSync(join(tmpdir(), 'nestjs-http-pool-'));
try {
  const tarball = pack(temp);
  run('npx', ['--no-install', 'publint', '--strict', tarball]);
  run('npx', ['--no-install', 'attw', '--profile', 'esm-only', tarball]);
  for (const [name, packages] of Object.entries(consumers)) {
    console.log(`\n${name}`);
    checkConsumer(join(temp, name), tarball, packages);
  }
  console.log('\nJest on Nest 11');
  checkJest(join(temp, 'jest'), tarball);
  console.log('\npack check passed');
} catch (error) {
  console.error(`\npack check failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(temp, { recursive: true, force: true });
}
