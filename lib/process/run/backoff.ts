import { backoffMs } from '../../config/backoff.js';

const times = { delayMs: 100, maxDelayMs: 30_000 };

/** One that has served for so long is no longer held to be the one that fails. */
const recoveredMs = 5_000;

/** How long to wait before a worker is replaced: not at all at first, then twice as long each time. */
export class Backoff {
  private failures = 0;

  /** @param servedMs How long the one that is to be replaced has served */
  next(servedMs: number): number {
    if (servedMs >= recoveredMs) this.failures = 0;
    const ms = this.failures === 0 ? 0 : backoffMs(this.failures, times);
    this.failures += 1;
    return ms;
  }
}
