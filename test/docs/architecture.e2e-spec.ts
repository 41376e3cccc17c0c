import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../..');
const page = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');

const entries = readdirSync(join(ROOT, 'lib'), { recursive: true, withFileTypes: true });
const from = (isFile: boolean): string[] =>
  entries
    .filter((entry) => entry.isFile() === isFile)
    .map(({ parentPath, name }) => relative(join(ROOT, 'lib'), join(parentPath, name)));
const files = from(true);
const folders = from(false);

/** The folders that the picture under "Rooms" shows, by their indentation. */
function drawnFolders(): string[] {
  const picture = /^lib\/\n([^]*?)^```$/m.exec(page)?.[1] ?? '';
  const above: string[] = [];
  return picture.split('\n').flatMap((line) => {
    const [, indent, name] = /^( +)([\w-]+)\/ /.exec(line) ?? [];
    if (indent === undefined || name === undefined) return [];
    above.splice(indent.length / 2 - 1, Infinity, name);
    return above.join('/');
  });
}

/** What a name in code quotes leads to: from lib/ or the root, or alone where only one file has it. */
function fault(name: string): string | undefined {
  if (existsSync(join(ROOT, 'lib', name)) || existsSync(join(ROOT, name))) return undefined;
  const named = files.filter((file) => basename(file) === name);
  if (named.length === 1) return undefined;
  return `${name} is ${named.length === 0 ? 'nowhere' : `one of ${named.join(', ')}`}`;
}

describe('the architecture', () => {
  it('draws every folder of lib/, and no other', () => {
    expect(drawnFolders().toSorted()).toEqual(folders.toSorted());
  });

  it('names files and folders that are there', () => {
    const names = [...page.matchAll(/`([\w./-]+(?:\.ts|\.cjs|\/))`/g)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(50);
    // `transport/` and `listener/` are told from each other by their room alone.
    const known = new Set(drawnFolders().map((folder) => `${basename(folder)}/`));
    expect(names.filter((name) => !known.has(name) && fault(name) !== undefined)).toEqual([]);
  });

  it('has no place for a name that several files share, or none has', () => {
    expect(fault('no-such-file.ts')).toBeDefined();
    expect(fault('command.ts')).toContain('process/run/command.ts');
  });
});

/** More, and a newcomer reads names instead of finding one. */
const MOST_IN_A_FOLDER = 16;

it('no room of lib/ has more sources than are seen at a glance', () => {
  const sources = files.filter((file) => !file.endsWith('.spec.ts'));
  const sizeOf = (folder: string): number =>
    sources.filter((file) => dirname(file) === folder).length;
  expect(folders.filter((folder) => sizeOf(folder) > MOST_IN_A_FOLDER)).toEqual([]);
});
