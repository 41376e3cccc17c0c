/**
 * Builds the package and one sample, then runs the sample: `node scripts/start.js 01-public-and-admin`.
 * The sample runs in this very process, so that Ctrl-C and its exit code need no relay.
 */
import { execSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);
const name = process.argv[2] ?? '';
if (!existsSync(new URL(`sample/${name}/src/main.ts`, root))) {
  console.error(`No sample "${name}": give the name of a folder in sample/.`);
  process.exit(1);
}

try {
  for (const command of [
    'node scripts/setup.js',
    'npm run --silent build',
    `node node_modules/@typescript/native/bin/tsc -p sample/${name}`,
  ]) {
    execSync(command, { cwd: fileURLToPath(root), stdio: 'inherit' });
  }
} catch (error) {
  // The command has already said on stderr what is wrong.
  process.exit(error.status ?? 1);
}

await import(new URL(`sample/${name}/dist/main.js`, root));
