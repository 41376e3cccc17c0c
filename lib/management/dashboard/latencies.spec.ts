import { describe, expect, it } from '@jest/globals';
import { Latencies } from './latencies.js';

describe('Latencies', () => {
  it('tells the rate and the percentiles of what was added since it last told', () => {
    const latencies = new Latencies();
    for (let ms = 1; ms <= 100; ms += 1) latencies.add(ms);
    expect(latencies.take(2000)).toEqual({ rate: 50, p50: 51, p99: 100 });
    expect(latencies.take(1000)).toEqual({ rate: 0 });
    latencies.add(7);
    expect(latencies.take(1000)).toEqual({ rate: 1, p50: 7, p99: 7 });
  });

  it('counts all of many, and keeps a fair sample of them', () => {
    const latencies = new Latencies();
    for (let index = 0; index < 20_000; index += 1) latencies.add(index);
    const { rate, p50 = 0 } = latencies.take(1000);
    expect(rate).toBe(20_000);
    // 512 of 20,000: further off than this is less likely than one in a billion.
    expect(p50).toBeGreaterThan(7000);
    expect(p50).toBeLessThan(13_000);
  });
});
