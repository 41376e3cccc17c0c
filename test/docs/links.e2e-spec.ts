import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pages } from './support/code-blocks.js';
import { anchorsOf, linksOf } from './support/markdown.js';

const ROOT = join(import.meta.dirname, '../..');

const samples = readdirSync(join(ROOT, 'sample'))
  .map((name) => `sample/${name}/README.md`)
  .filter((page) => existsSync(join(ROOT, page)));
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');
const documents = new Map(
  [...pages().keys(), ...samples, 'CHANGELOG.md'].map((page) => [page, read(page)]),
);

/** What is wrong with a link, or undefined. */
function fault(page: string, link: string): string | undefined {
  if (/^https?:\/\//.test(link)) return undefined;
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
  if (!existsSync(join(ROOT, target))) return `${link}: there is no ${target}`;
  if (anchor === undefined || anchorsOf(read(target)).includes(anchor)) return undefined;
  return `${link}: ${target} has no heading for it`;
}

describe('the documents', () => {
  it.each([...documents.keys()])('lead to files and headings that exist: %s', (page) => {
    const faults = linksOf(documents.get(page)!).map((link) => fault(page, link));
    expect(faults.filter((each) => each !== undefined)).toEqual([]);
  });

  it('are all found from docs/README.md', () => {
    const index = linksOf(documents.get('docs/README.md')!).map((link) => link.split('#')[0]);
    const all = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
    expect(all.filter((name) => name !== 'README.md' && !index.includes(name))).toEqual([]);
  });

  it('have a README that is read in a sitting', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(300);
  });

  it('name every sample in the README', () => {
    const links = linksOf(documents.get('README.md')!);
    expect(samples.map(dirname).filter((sample) => !links.includes(sample))).toEqual([]);
  });
});

describe('a link that leads nowhere', () => {
  it.each(['missing.md', '#no-such-heading', 'errors.md#no-such-heading', '../missing/'])(
    'is found: %s',
    (link) => expect(fault('docs/pool.md', link)).toBeDefined(),
  );

  it('is told from one that leads somewhere', () => {
    expect(fault('docs/pool.md', '#one-server')).toBeUndefined();
    expect(fault('docs/pool.md', '../README.md#install')).toBeUndefined();
  });
});
