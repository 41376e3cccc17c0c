import { LazyAbort } from './lazy-abort.js';

/** The time a stop grants: it can be shortened while it runs, never lengthened. */
export class Grace {
  private readonly end = new LazyAbort();
  private readonly delayEnd = new LazyAbort();
  /** There while somebody waits for the end: most stops are over before. */
  private timer: NodeJS.Timeout | undefined;
  private endsAt = Infinity;
  private isAwaited = false;

  /** Whether it has run out by then, a time of `performance.now()`. */
  isOver(now: number): boolean {
    return now >= this.endsAt;
  }

  /** Aborts when the grace has run out. */
  get signal(): AbortSignal {
    if (!this.isAwaited) {
      this.isAwaited = true;
      this.run();
    }
    return this.end.signal;
  }

  /** Aborts when there is no more time for a delay before the drain. */
  get delaySignal(): AbortSignal {
    return this.delayEnd.signal;
  }

  /** The grace ends in `ms` from now, unless it ends sooner already. */
  endWithin(ms: number): void {
    const endsAt = performance.now() + ms;
    if (endsAt >= this.endsAt) return;
    this.endsAt = endsAt;
    this.run();
  }

  /** Someone asks for a quicker end: no more delay, and at most `ms` for the rest. */
  hurry(ms: number): void {
    this.delayEnd.abort();
    this.endWithin(ms);
  }

  /** No timer may outlive the stop. */
  clear(): void {
    clearTimeout(this.timer);
  }

  private run(): void {
    if (!this.isAwaited || this.endsAt === Infinity) return;
    clearTimeout(this.timer);
    const leftMs = this.endsAt - performance.now();
    if (leftMs <= 0) this.end.abort();
    else this.timer = setTimeout(() => this.end.abort(), leftMs);
  }
}
