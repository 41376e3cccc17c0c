/**
 * Installs the programs that the tests drive for real, where they are missing: on Debian, and as root.
 * Elsewhere it says what to install. Scripts that drive another program name it: `system-packages.js testssl`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs and the Debian packages that bring them. */
const packageOf = {
  chromium: 'chromium',
  haproxy: 'haproxy',
  prometheus: 'prometheus',
  promtool: 'prometheus',
  python3: 'python3',
  'systemd-notify': 'systemd',
  testssl: 'testssl.sh',
};
const ofTheTests = Object.keys(packageOf).filter((program) => program !== 'testssl');
const needed = process.argv.length > 2 ? process.argv.slice(2) : ofTheTests;

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
const isThere = (program) => folders.some((folder) => existsSync(join(folder, program)));

const missing = needed.filter((program) => !isThere(program));
if (missing.length > 0) {
  const packages = [...new Set(missing.map((program) => packageOf[program]))];
  const command = `apt-get update && apt-get install --yes --no-install-recommends ${packages.join(' ')}`;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || !isThere('apt-get')) {
    console.error(`The tests need ${missing.join(', ')}. On Debian, as root: ${command}`);
    process.exit(1);
  }
  // No package may stop to ask.
  const unattended = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  console.log(`> ${command}`);
  process.exitCode =
    spawnSync(command, { stdio: 'inherit', shell: true, env: unattended }).status ?? 1;
}
