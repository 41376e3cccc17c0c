import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { pages } from './support/code-blocks.js';

const ROOT = join(import.meta.dirname, '../..');
const measured = JSON.parse(readFileSync(join(ROOT, 'docs/performance.json'), 'utf8'));
const rows: any[] = measured.parts.flatMap((part: any) => part.rows);

describe('the page on performance', () => {
  let harness: any;
  beforeAll(async () => {
    harness = {
      ...(await import(join(ROOT, 'bench/harness/page.js'))),
      ...(await import(join(ROOT, 'bench/harness/rows.js'))),
      ...(await import(join(ROOT, 'bench/harness/parts.js'))),
    };
  });

  it('is what the bench has measured', () => {
    expect(pages().get('docs/performance.md')).toBe(harness.pageOf(measured));
  });

  it('has the parts that there are, in their order', () => {
    const names = measured.parts.map(({ name }: any) => name);
    expect(names).toEqual(Object.keys(harness.parts).filter((name) => names.includes(name)));
  });

  it('says of each row with a criterion whether it is met', () => {
    const judged = rows.filter(({ criterion }) => criterion !== undefined);
    expect(judged.length).toBeGreaterThan(10);
    for (const row of judged) expect(['pass', 'noise', 'fail', 'unclear']).toContain(row.verdict);
  });

  it.each([
    ['pass', [1, 1, 1, 1, 1, 1]],
    // The peers differ by as much.
    ['noise', [1.1, 1.1, 1.1, 1.1, 1.1, 1.1]],
    ['fail', [1.4, 1.4, 1.4, 1.4, 1.4, 1.4]],
    ['unclear', [1.4, 1.4, 1.4, 1.4, 1.4, 1.4], 0.8],
  ])('says %s of a ratio by the noise', (verdict, ratios, noise = 0.1) => {
    const twins = [1, -1, 1, -1, 1, -1].map((sign) => 1 + sign * noise);
    const rounds = ratios.map((pooled, i) => ({ bare: 1, pooled, control: twins[i] }));
    const row = harness.ratioRow('a', { rounds, base: 'bare', control: 'control', limit: 1.05 });
    expect(row).toMatchObject({ verdict, ratio: ratios[0] });
    expect(row.noise).toBeCloseTo(noise);
  });
});

describe('what the documents tell of the bench', () => {
  it('names parts that there are', async () => {
    const { parts } = await import(join(ROOT, 'bench/harness/parts.js'));
    const named = [...pages()].flatMap(([page, text]) =>
      [...text.matchAll(/npm run bench -- ([a-z][\w-]*)/g)].map(([, part]) => `${page}: ${part}`),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((each) => !(each.split(': ')[1]! in parts))).toEqual([]);
  });
});
