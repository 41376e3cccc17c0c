/** One series of a histogram. Cheaper than a library's: a value is counted on the path of each request. */
export class HistogramSeries {
  readonly buckets: number[];
  sum = 0;
  count = 0;

  /** @param bounds The upper bounds of the buckets, ascending */
  constructor(private readonly bounds: readonly number[]) {
    this.buckets = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count += 1;
    const { bounds, buckets } = this;
    // Most values are small, and are found by the first looks.
    for (let at = 0; at < bounds.length; at += 1) {
      if (value <= (bounds[at] as number)) {
        (buckets[at] as number) += 1;
        return;
      }
    }
  }

  reset(): void {
    this.buckets.fill(0);
    this.sum = this.count = 0;
  }
}
