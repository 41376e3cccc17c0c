/** A wait between tries. */
interface BackoffTimes {
  /** After the first failure. */
  readonly delayMs: number;
  readonly maxDelayMs: number;
}

/** How long to wait before the next try: twice as long after each failure. */
export function backoffMs(failures: number, { delayMs, maxDelayMs }: BackoffTimes): number {
  return Math.min(delayMs * 2 ** (failures - 1), maxDelayMs);
}
