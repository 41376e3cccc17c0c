import { MAX_DURATION_MS, parseDuration } from '../duration.js';
import { valueRule } from './rule.js';

const UNITLESS = /^\d{1,10}$/;

/** The bounds of a duration. */
interface DurationRange {
  /** In ms; 0 unless told. */
  readonly minMs?: number;
  /** In ms; the longest timer of Node unless told, for what becomes none. */
  readonly maxMs?: number;
  /** Whether it is an error to leave the field out. */
  readonly required?: boolean;
}

/** A {@link Duration} within a range. */
export function IsDuration({
  minMs = 0,
  maxMs = MAX_DURATION_MS,
  required = false,
}: DurationRange = {}): PropertyDecorator {
  const isRight = (value: unknown): boolean => (parseDuration(value, maxMs) ?? -1) >= minMs;
  return valueRule('isDuration', {
    required,
    isRight,
    give: (value) => advice(value, minMs, maxMs),
  });
}

function advice(value: unknown, minMs: number, maxMs: number): string {
  if (typeof value === 'string' && UNITLESS.test(value) && Number(value) <= maxMs) {
    return `the number ${Number(value)} or '${Number(value)}ms'`;
  }
  const range = minMs > 0 ? `from ${minMs} to` : 'of at most';
  return `milliseconds or text such as '500ms', '30s' or '1h30m', ${range} ${maxMs} ms`;
}
