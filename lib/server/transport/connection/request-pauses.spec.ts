import { describe, expect, it } from '@jest/globals';
import { isQuiet } from './request-pauses.js';

describe('isQuiet', () => {
  const now = 1000;

  it.each<[boolean, string, number | undefined, number]>([
    [false, 'is active', undefined, 0],
    [false, 'has rested for less', now - 99, 0],
    [true, 'has rested for so long', now - 100, 0],
    [true, 'has rested for twice its longest pause', now - 120, 60],
    [false, 'has paused for more than half as long', now - 119, 60],
  ])('is %s of a client that %s', (quiet, _what, restsSince, longestPauseMs) => {
    expect(isQuiet({ restsSince, longestPauseMs }, now, 100)).toBe(quiet);
  });
});
