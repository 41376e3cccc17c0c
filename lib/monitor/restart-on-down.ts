import { backoffMs } from '../config/backoff.js';
import type { SupervisionSettings } from '../config/options/restart.js';
import type { HealthStatus } from './monitor-report.js';

/**
 * When a server that its monitor finds down is to be restarted: at once, then after a time that
 * doubles, until it is up again or the retries are used up. Needs no timer: each check asks anew.
 */
export class RestartOnDown {
  private count = 0;
  private lastAt = 0;

  /** How many there have been since it was up. */
  get restarts(): number {
    return this.count;
  }

  /** Forgets what was, as a server that starts anew does. */
  reset(): void {
    this.count = 0;
  }

  /** What to do after a check: `'give-up'` is said once. */
  after(
    status: HealthStatus,
    settings: SupervisionSettings | undefined,
    now: number,
  ): 'restart' | 'give-up' | undefined {
    if (status === 'up') this.count = 0;
    if (status !== 'down' || !settings?.onDown || this.count > settings.retries) return undefined;
    const isWaiting = this.count > 0 && now - this.lastAt < backoffMs(this.count, settings);
    if (isWaiting) return undefined;
    this.count += 1;
    this.lastAt = now;
    return this.count > settings.retries ? 'give-up' : 'restart';
  }
}
