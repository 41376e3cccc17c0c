/** The time a stop grants: it can be shortened while it runs, never lengthened. */
export class Grace {
  /** Made when they are asked for: most stops are over before. */
  private controller: AbortController | undefined;
  private skipDelay: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;
  private endsAt = Infinity;
  private isHurried = false;

  /** Whether it has run out. */
  get isOver(): boolean {
    return performance.now() >= this.endsAt;
  }

  /** Aborts when the grace has run out. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      this.run();
    }
    return this.controller.signal;
  }

  /** Aborts when there is no more time for a delay before the drain. */
  get delaySignal(): AbortSignal {
    this.skipDelay ??= new AbortController();
    if (this.isHurried) this.skipDelay.abort();
    return this.skipDelay.signal;
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
    this.isHurried = true;
    this.skipDelay?.abort();
    this.endWithin(ms);
  }

  /** No timer may outlive the stop. */
  clear(): void {
    clearTimeout(this.timer);
  }

  private run(): void {
    const { controller, endsAt } = this;
    if (controller === undefined || endsAt === Infinity) return;
    clearTimeout(this.timer);
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) controller.abort();
    else this.timer = setTimeout(() => controller.abort(), leftMs);
  }
}
