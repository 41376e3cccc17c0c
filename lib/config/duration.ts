import { describeValue } from './redact.js';

/**
 * A length of time: a number of milliseconds, or a string of numbers with units such as `'500ms'`,
 * `'30s'`, `'1.5s'`, `'1h30m'` or `'14d'` (`d`, `h`, `m`, `s`, `ms`, `us`, `ns`), from 0; what
 * becomes a timer is at most 2147483647 ms (24.8 days). `0` is the one string that needs no unit.
 *
 * @see https://pkg.go.dev/time#ParseDuration whose grammar this is, without the sign and with days
 */
export type Duration = number | string;

/** The longest timer, in ms: one above it overflows and fires after 1 ms. */
export const MAX_DURATION_MS = 2 ** 31 - 1;

const UNIT_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  // The micro sign and the Greek letter mu look the same and are both in use.
  '\u00b5s': 1e-3,
  '\u03bcs': 1e-3,
  ns: 1e-6,
};

const MAX_LENGTH = 64;
const PART = /(\d+(?:\.\d*)?|\.\d+)(d|h|ms|us|\u00b5s|\u03bcs|ns|m|s)/y;

/**
 * Reads a {@link Duration}. Strict on purpose: of the libraries at hand parse-duration takes
 * `'1h junk'` and `'5000'`, and `@lukeed/ms` does not know `'1h30m'`.
 *
 * @param maxMs The longest that is taken; the longest timer unless told
 * @returns the milliseconds, whole or fractional; undefined when it is not a duration
 */
export function parseDuration(value: unknown, maxMs: number = MAX_DURATION_MS): number | undefined {
  if (typeof value === 'number') return inRange(value, maxMs);
  if (typeof value !== 'string' || value.length > MAX_LENGTH) return undefined;
  return value === '0' ? 0 : inRange(sumOfParts(value), maxMs);
}

/** What to say of a value that {@link parseDuration} does not take. */
export function notADuration(value: unknown): string {
  return `got ${describeValue(value)}, give a duration such as 500 (ms), '500ms' or '30s'`;
}

function sumOfParts(text: string): number {
  let total = 0;
  let end = 0;
  while (end < text.length) {
    PART.lastIndex = end;
    const [part, amount, unit] = PART.exec(text) ?? [];
    if (part === undefined || unit === undefined) return NaN;
    total += Number(amount) * (UNIT_MS[unit] ?? NaN);
    end += part.length;
  }
  return end === 0 ? NaN : wholeNanoseconds(total);
}

/** Drops the noise of binary fractions: '1.1s' is 1100, not 1100.0000000000001. */
function wholeNanoseconds(ms: number): number {
  return ms > MAX_DURATION_MS ? ms : Math.round(ms * 1e6) / 1e6;
}

function inRange(ms: number, maxMs: number): number | undefined {
  return ms >= 0 && ms <= maxMs ? ms + 0 : undefined;
}

/** The ms of a duration that is valid; where none is given, those of the default. */
export function toMs(value: Duration | undefined, defaultMs: number): number {
  return parseDuration(value, Number.MAX_SAFE_INTEGER) ?? defaultMs;
}
