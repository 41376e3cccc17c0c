import type { HealthStatus } from './monitor-report.js';

/** How many checks in a row it takes from one status to the next. */
export interface RiseAndFallCounts {
  /** Failures that turn `up` into `degraded`. */
  readonly fallCountWarn: number;
  /** Failures more that turn `degraded` into `down`. */
  readonly fallCountKO: number;
  /** Successes that turn `down` into `degraded`. */
  readonly riseCountKO: number;
  /** Successes more that turn `degraded` into `up`. */
  readonly riseCountWarn: number;
}

/** Turns single checks into a status that one lost packet does not change. */
export class RiseAndFall {
  status: HealthStatus = 'up';
  private inARow = 0;
  private lastOk = true;

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
