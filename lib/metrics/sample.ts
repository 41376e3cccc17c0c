/** The labels of a series, as Prometheus spells them. */
export type Labels = Readonly<Record<string, string>>;

/** One series at the moment it was read. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** One series of a histogram at the moment it was read. */
export interface HistogramSample {
  readonly labels: Labels;
  readonly sum: number;
  readonly count: number;
  /** How many were counted in each bucket, not accumulated, without the one that has no bound. */
  readonly buckets: readonly number[];
}
