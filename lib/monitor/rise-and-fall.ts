import type { HealthStatus } from './monitor-report.js';

/** How many checks in a row it takes from one status to the next. */
interface RiseAndFallCounts {
  /** Failures that turn `up` into `degraded`. */
  readonly fallCountWarn: number;
  /** Failures more that turn `degraded` into `down`. */
  readonly fallCountKO: number;
  /** Successes that turn `down` into `degraded`. */
  readonly riseCountKO: number;
  /** Successes more that turn `degraded` into `up`. */
  readonly riseCountWarn: number;
}

/** How long to wait for the next check, in ms. */
interface CheckIntervals {
  readonly intervalCheckMs: number;
  readonly intervalFallMs: number;
  readonly intervalRiseMs: number;
}

/** Turns single checks into a status that one lost packet does not change. */
export class RiseAndFall {
  status: HealthStatus = 'up';
  private inARow = 0;
  private lastOk = true;

  /** How long until the next check: sooner or later on the way down, or up. */
  intervalMs(intervals: CheckIntervals): number {
    if (this.status === 'up' && this.lastOk) return intervals.intervalCheckMs;
    return this.lastOk ? intervals.intervalRiseMs : intervals.intervalFallMs;
  }

  /** Forgets what was, as a server that starts anew does. */
  reset(): void {
    this.status = 'up';
    this.inARow = 0;
    this.lastOk = true;
  }

  /** Keeps the status: what it takes from there is counted from now on. */
  countAnew(): void {
    this.inARow = 0;
  }

  record(ok: boolean, counts: RiseAndFallCounts): HealthStatus {
    this.inARow = ok === this.lastOk ? this.inARow + 1 : 1;
    this.lastOk = ok;
    const next = nextStatus(this.status, ok, counts);
    if (next && this.inARow >= next.after) {
      this.status = next.status;
      this.inARow = 0;
    }
    return this.status;
  }
}

function nextStatus(
  status: HealthStatus,
  ok: boolean,
  counts: RiseAndFallCounts,
): { status: HealthStatus; after: number } | undefined {
  if (ok && status === 'down') return { status: 'degraded', after: counts.riseCountKO };
  if (ok && status === 'degraded') return { status: 'up', after: counts.riseCountWarn };
  if (!ok && status === 'up') return { status: 'degraded', after: counts.fallCountWarn };
  if (!ok && status === 'degraded') return { status: 'down', after: counts.fallCountKO };
  return undefined;
}
