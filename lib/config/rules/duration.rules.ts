import { MAX_DURATION_MS, parseDuration } from '../duration.js';
import { valueRule } from './rule.js';

const UNITLESS = /^\d{1,10}$/;

/** A {@link Duration}, not below `minMs`. */
export function IsDuration({ minMs = 0 }: { minMs?: number } = {}): PropertyDecorator {
  const isRight = (value: unknown): boolean => (parseDuration(value) ?? -1) >= minMs;
  return valueRule('isDuration', { isRight, give: (value) => advice(value, minMs) });
}

function advice(value: unknown, minMs: number): string {
  if (typeof value === 'string' && UNITLESS.test(value) && Number(value) <= MAX_DURATION_MS) {
    return `the number ${Number(value)} or '${Number(value)}ms'`;
  }
  const range = minMs > 0 ? `from ${minMs} to` : 'of at most';
  return `milliseconds or text such as '500ms', '30s' or '1h30m', ${range} ${MAX_DURATION_MS} ms`;
}
