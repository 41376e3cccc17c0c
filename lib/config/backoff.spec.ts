import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff.js';

describe('backoffMs', () => {
  it('doubles with each failure, up to the longest', () => {
    const times = { delayMs: 100, maxDelayMs: 500 };
    expect([1, 2, 3, 4, 2000].map((failures) => backoffMs(failures, times))).toEqual([
      100, 200, 400, 500, 500,
    ]);
  });
});
