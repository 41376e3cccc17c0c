import { describe, expect, it } from '@jest/globals';
import { Backoff } from './backoff.js';

describe('Backoff', () => {
  it('waits not at all at first, then twice as long each time, up to half a minute', () => {
    const backoff = new Backoff();
    const waits = Array.from({ length: 12 }, () => backoff.next(0));
    expect(waits.slice(0, 5)).toEqual([0, 100, 200, 400, 800]);
    expect(waits.at(-1)).toBe(30_000);
  });

  it('begins anew behind one that served for a while', () => {
    const backoff = new Backoff();
    for (let count = 0; count < 5; count += 1) backoff.next(100);
    expect([backoff.next(60_000), backoff.next(0)]).toEqual([0, 100]);
  });
});
