/**
 * Joins the modules of dist/ that an application loads into one file: loading two hundred takes longer than
 * running them. Run by `npm run build` after the compiler, whose declarations stay as they are. The command
 * line loads little, and finds its own files by their places, so it keeps its modules.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const entries = ['index.js', 'testing.js'];
/** The rooms whose files are started or imported by their own names. */
const kept = ['process'];

/** The files that these import, and what those import, within dist/. */
function closureOf(files) {
  const found = new Set(files);
  for (const file of found) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(
      /(?:from|import)[ (]*'(\.[^']+)'/g,
    )) {
      found.add(resolve(dirname(file), path));
    }
  }
  return found;
}

const needed = closureOf(
  kept.flatMap((room) =>
    readdirSync(join(dist, room), { recursive: true })
      .filter((file) => file.endsWith('.js'))
      .map((file) => join(dist, room, file)),
  ),
);

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: entries.map((entry) => join(dist, entry)),
  outdir: dist,
  allowOverwrite: true,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  packages: 'external',
  chunkNames: 'shared-[hash]',
  // Errors, logs and Nest name classes.
  keepNames: true,
  write: false,
  sourcemap: true,
  metafile: true,
  logLevel: 'warning',
});

/**
 * The names of closures are not kept: to define one takes a third of a microsecond, each time that it is
 * made. It was half of what a stop costs. An arrow function has no prototype, a class has one.
 */
const naming = '__defProp(target, "name", { value, configurable: true })';
const namingClasses = `target.prototype === void 0 ? target : ${naming}`;

for (const { path, text } of outputFiles) writeFileSync(path, text.replace(naming, namingClasses));
if (!outputFiles.some(({ text }) => text.includes(naming))) {
  throw new Error('esbuild keeps names in another way now, see scripts/bundle.js');
}

const written = new Set(Object.keys(metafile.outputs).map((file) => join(root, file)));
for (const name of readdirSync(dist, { recursive: true })) {
  const file = join(dist, name);
  if (!/\.js(\.map)?$/.test(name) || written.has(file)) continue;
  if (!needed.has(file.replace(/\.map$/, ''))) rmSync(file);
}
