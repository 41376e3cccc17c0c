import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** Languages of blocks that are shown, not run. */
const SHOWN = new Set(['sh', 'text', 'json', 'yaml', 'dockerfile']);

/** A block of code that runs. */
export interface CodeBlock {
  /** Where it stands, for a message: `README.md:42`. */
  readonly at: string;
  /** What the comment above it says: `<!-- file: health/app.module.ts -->`. */
  readonly file: string;
  readonly code: string;
}

/** README.md and the pages in docs/, by their names. */
export function pages(): Map<string, string> {
  const docs = readdirSync(ROOT).includes('docs') ? readdirSync(join(ROOT, 'docs')) : [];
  const names = ['README.md', ...docs.map((name) => `docs/${name}`)];
  const markdown = names.filter((name) => name.endsWith('.md'));
  return new Map(markdown.map((name) => [name, readFileSync(join(ROOT, name), 'utf8')]));
}

/**
 * Every block of TypeScript and JavaScript of a page.
 *
 * @throws Error for a block without a file, or of a language that is neither run nor known as shown
 */
export function codeBlocks(page: string, markdown: string): CodeBlock[] {
  const lines = markdown.split('\n');
  const blocks: CodeBlock[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const fence = lines[at]!.match(/^\s*(```+|~~~+)(.*)$/);
    if (!fence) continue;
    const [, mark, info = ''] = fence;
    const end = lines.findIndex((line, index) => index > at && line.trim() === mark);
    if (end < 0) throw new Error(`${page}:${at + 1}: the block has no end`);
    const language = info.trim();
    if (/^(ts|js|typescript|javascript|tsx|mjs|cjs)$/.test(language)) {
      const file = lines[at - 1]?.match(/^<!-- file: (\S+) -->$/)?.[1];
      if (!file) {
        throw new Error(`${page}:${at + 1}: say in the line above what file this is, and test it`);
      }
      blocks.push({ at: `${page}:${at + 1}`, file, code: lines.slice(at + 1, end).join('\n') });
    } else if (!SHOWN.has(language)) {
      throw new Error(`${page}:${at + 1}: a block of '${language}' is neither run nor shown`);
    }
    at = end;
  }
  return blocks;
}
