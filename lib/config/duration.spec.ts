import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MAX_DURATION_MS, parseDuration } from './duration.js';

const UNITS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['14d', 1_209_600_000],
    ['30s', 30_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['.5s', 500],
    ['1.s', 1000],
    ['1.1s', 1100],
    ['1m30s500ms', 90_500],
    ['250us', 0.25],
    ['250\u00b5s', 0.25],
    ['250\u03bcs', 0.25],
    ['1000ns', 0.001],
    ['0', 0],
    ['0s', 0],
    ['2147483647ms', MAX_DURATION_MS],
    [0, 0],
    [0.5, 0.5],
    [30_000, 30_000],
    [MAX_DURATION_MS, MAX_DURATION_MS],
  ])('reads %p as %p ms', (value, ms) => {
    expect(parseDuration(value)).toBe(ms);
  });

  it.each([
    '',
    ' ',
    '5000',
    '00',
    '0.0',
    '-5s',
    '+5s',
    '5 s',
    ' 5s',
    '5s ',
    '1h junk',
    'junk',
    's',
    '.s',
    '1e3s',
    '1,5s',
    '1w',
    '1S',
    '1s1',
    '1..5s',
    '2147483648ms',
    '25d',
    '597h',
    '1'.repeat(65) + 's',
    -1,
    -0.001,
    NaN,
    Infinity,
    -Infinity,
    MAX_DURATION_MS + 1,
    null,
    undefined,
    true,
    {},
    [],
    5n,
    new Date(0),
    () => '5s',
  ])('refuses %p', (value) => {
    expect(parseDuration(value)).toBeUndefined();
  });

  it('has no negative zero', () => {
    expect(Object.is(parseDuration(-0), 0)).toBe(true);
  });

  it('adds up its parts in any order', () => {
    const part = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.constantFrom(...Object.keys(UNITS)));
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const text = parts.map(([amount, unit]) => `${amount}${unit}`).join('');
        const ms = parts.reduce((sum, [amount, unit]) => sum + amount * (UNITS[unit] ?? NaN), 0);
        expect(parseDuration(text)).toBe(ms);
      }),
    );
  });

  it('gives undefined or a time that a timer can keep, for any value', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.string({ unit: fc.constantFrom(...Array.from('0159.hms -')) })),
        (value) => {
          const ms = parseDuration(value);
          expect(ms === undefined || (ms >= 0 && ms <= MAX_DURATION_MS)).toBe(true);
        },
      ),
    );
  });
});
