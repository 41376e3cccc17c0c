import { describe, expect, it } from '@jest/globals';
import { SaidOnce } from './server-query.js';

describe('SaidOnce', () => {
  it('tells the first time from the others, text by text', () => {
    const once = new SaidOnce();
    expect(['a', 'b', 'a', 'b', 'c'].map((text) => once.isNew(text))).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  it('forgets the oldest of more than a hundred', () => {
    const once = new SaidOnce();
    const texts = Array.from({ length: 101 }, (_, index) => `text ${index}`);
    expect(texts.every((text) => once.isNew(text))).toBe(true);
    expect(once.isNew('text 1')).toBe(false);
    expect(once.isNew('text 100')).toBe(false);
    expect(once.isNew('text 0')).toBe(true);
  });
});
