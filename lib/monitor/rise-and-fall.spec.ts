import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { RiseAndFall } from './rise-and-fall.js';

const counts = { fallCountWarn: 2, fallCountKO: 3, riseCountKO: 2, riseCountWarn: 1 };
const ones = { fallCountWarn: 1, fallCountKO: 1, riseCountKO: 1, riseCountWarn: 1 };

describe('RiseAndFall', () => {
  /** `.` is a check that went well, `x` one that failed. */
  const statuses = (checks: string, by = counts): string[] => {
    const health = new RiseAndFall();
    return checks.split('').map((check) => health.record(check === '.', by));
  };

  it('is up before anything is known, and stays so', () => {
    expect(new RiseAndFall().status).toBe('up');
    expect(new Set(statuses('.....'))).toEqual(new Set(['up']));
  });

  it('falls over degraded to down, each after its count of failures', () => {
    expect(statuses('xxxxxx')).toEqual(['up', 'degraded', 'degraded', 'degraded', 'down', 'down']);
  });

  it('rises over degraded to up, each after its count of successes', () => {
    expect(statuses('xxxxx....').slice(4)).toEqual(['down', 'down', 'degraded', 'up', 'up']);
  });

  it('counts only what comes in a row', () => {
    expect(new Set(statuses('x.x.x.x.'))).toEqual(new Set(['up']));
    expect(statuses('xxxxx.x.x.x').slice(4)).toEqual(Array(7).fill('down'));
  });

  it('falls again from degraded when it fails on its way up', () => {
    expect(statuses('xxxxx..xxx').slice(-4)).toEqual(['degraded', 'degraded', 'degraded', 'down']);
  });

  it('moves with every check when all counts are one', () => {
    expect(statuses('xx..x.', ones)).toEqual([
      'degraded',
      'down',
      'degraded',
      'up',
      'degraded',
      'up',
    ]);
  });

  it('never skips degraded, whatever comes', () => {
    const anyCounts = fc.record({
      fallCountWarn: fc.integer({ min: 1, max: 4 }),
      fallCountKO: fc.integer({ min: 1, max: 4 }),
      riseCountKO: fc.integer({ min: 1, max: 4 }),
      riseCountWarn: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(fc.boolean()), anyCounts, (checks, by) => {
        const health = new RiseAndFall();
        for (const ok of checks) {
          const before = health.status;
          const after = health.record(ok, by);
          const isStep = before === after || before === 'degraded' || after === 'degraded';
          expect(isStep).toBe(true);
        }
      }),
    );
  });

  it('forgets what was when it is reset', () => {
    const health = new RiseAndFall();
    for (let count = 0; count < 5; count += 1) health.record(false, counts);
    health.reset();
    expect(health.status).toBe('up');
    expect(health.record(false, counts)).toBe('up');
  });

  it('keeps its status when it counts anew, and what it takes from there', () => {
    const health = new RiseAndFall();
    for (let count = 0; count < 4; count += 1) health.record(false, counts);
    health.countAnew();
    expect(health.status).toBe('degraded');
    const found = [false, false, false].map((ok) => health.record(ok, counts));
    expect(found).toEqual(['degraded', 'degraded', 'down']);
  });

  it('tells the interval by its direction', () => {
    const intervals = { intervalCheckMs: 1, intervalFallMs: 2, intervalRiseMs: 3 };
    const health = new RiseAndFall();
    const seen = [health.intervalMs(intervals)];
    for (const check of 'xx..') {
      health.record(check === '.', ones);
      seen.push(health.intervalMs(intervals));
    }
    expect(seen).toEqual([1, 2, 2, 3, 1]);
  });
});
