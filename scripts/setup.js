/**
 * Installs the dependencies unless node_modules already holds what package-lock.json says.
 * Runs before anything is installed, so it uses Node's own modules only.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lockFile = `${root}package-lock.json`;
// npm writes this copy of the lock last, so an interrupted install leaves none.
const installedFile = `${root}node_modules/.package-lock.json`;

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;

// Contents are compared, not times: a checkout touches files without changing them.
function isInstalled() {
  if (!existsSync(installedFile)) return false;
  if (!existsSync(lockFile)) return true;
  const installed = packagesOf(installedFile);
  return Object.entries(packagesOf(lockFile)).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    // The copy of the lock may say more than is there, where node_modules was copied or cleared.
    if (found && !existsSync(`${root}${path}/package.json`)) return Boolean(wanted.optional);
    // Builds for other platforms are in the lock and not in the folder.
    if (!found) return Boolean(wanted.optional || wanted.devOptional);
    if (wanted.integrity && found.integrity !== wanted.integrity) return false;
    return found.version === wanted.version;
  });
}

if (!isInstalled()) {
  // No package here needs its install script: the native ones ship their binaries.
  // NODE_ENV=production must not leave out the compiler, hence --include=dev.
  const options = '--include=dev --ignore-scripts --no-audit --no-fund --loglevel=error';
  // What is there already stays: `ci` would take it all away first.
  const present = existsSync(`${root}node_modules`);
  const action = present ? 'install --no-save --prefer-offline' : 'ci';
  const command = `npm ${existsSync(lockFile) ? action : 'install'} ${options}`;
  console.log(`> ${command}`);
  const { status } = spawnSync(command, { cwd: root, stdio: 'inherit', shell: true });
  process.exitCode = status ?? 1;
}
