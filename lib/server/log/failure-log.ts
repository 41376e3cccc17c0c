/** So many lines may come at once. */
const burst = 10;

/** After which one more may come. */
const perLineMs = 1000;

/**
 * Keeps a failure that every request meets from filling the disk, and from costing more than the
 * requests: what is left out is counted, and told with the next line or when the server stops.
 */
export class FailureLog {
  private left = burst;
  private countedAt = performance.now();
  private leftOut = 0;

  /** @param what They are called, more than one with an `s` */
  constructor(private readonly what: string = 'failure') {}

  /** @returns what is to be added to this line; undefined when it is to be left out */
  next(): string | undefined {
    const now = performance.now();
    const gained = Math.floor((now - this.countedAt) / perLineMs);
    if (gained > 0) {
      this.left = Math.min(burst, this.left + gained);
      this.countedAt = now;
    }
    if (this.left === 0) {
      this.leftOut += 1;
      return undefined;
    }
    this.left -= 1;
    const said = this.takeLeftOut();
    return said === undefined ? '' : ` (${said})`;
  }

  /** What was left out and not told yet. */
  takeLeftOut(): string | undefined {
    const { leftOut } = this;
    this.leftOut = 0;
    if (leftOut === 0) return undefined;
    return leftOut === 1
      ? `1 more ${this.what} was not logged`
      : `${leftOut} more ${this.what}s were not logged`;
  }
}
