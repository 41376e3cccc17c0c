/** The time a stop grants: it can be shortened while it runs, never lengthened. */
export class Grace {
  private readonly controller = new AbortController();
  private readonly skipDelay = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private endsAt = Infinity;

  /** Aborts when the grace has run out. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Aborts when there is no more time for a delay before the drain. */
  get delaySignal(): AbortSignal {
    return this.skipDelay.signal;
  }

  /** The grace ends in `ms` from now, unless it ends sooner already. */
  endWithin(ms: number): void {
    const endsAt = performance.now() + ms;
    if (endsAt >= this.endsAt) return;
    this.endsAt = endsAt;
    clearTimeout(this.timer);
    if (ms <= 0) this.controller.abort();
    else this.timer = setTimeout(() => this.controller.abort(), ms);
  }

  /** Someone asks for a quicker end: no more delay, and at most `ms` for the rest. */
  hurry(ms: number): void {
    this.skipDelay.abort();
    this.endWithin(ms);
  }

  /** No timer may outlive the stop. */
  clear(): void {
    clearTimeout(this.timer);
  }
}
