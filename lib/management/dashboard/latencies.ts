/** How many durations are kept of a second: enough for a p99, and little memory. */
const KEPT = 512;

/** What is shown of the requests of a second or so. */
export interface LatencySummary {
  /** Requests a second. */
  readonly rate: number;
  /** In ms; undefined where no request ended. */
  readonly p50?: number;
  readonly p99?: number;
}

/** The durations of requests since they were last told: a fair sample of them, where they are many. */
export class Latencies {
  private readonly kept: number[] = [];
  private count = 0;

  add(durationMs: number): void {
    this.count += 1;
    if (this.kept.length < KEPT) {
      this.kept.push(durationMs);
      return;
    }
    // Each of all has the same chance to be among those kept.
    const at = Math.floor(Math.random() * this.count);
    if (at < KEPT) this.kept[at] = durationMs;
  }

  /** Tells, and begins anew. */
  take(elapsedMs: number): LatencySummary {
    const { count, kept } = this;
    if (count === 0) return { rate: 0 };
    const sorted = kept.splice(0).sort((a, b) => a - b);
    this.count = 0;
    const at = (share: number): number =>
      rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
    return { rate: rounded((count * 1000) / elapsedMs), p50: at(0.5), p99: at(0.99) };
  }
}

/** Three digits say all that a person reads. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
