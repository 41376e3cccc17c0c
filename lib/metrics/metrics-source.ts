import type { HistogramKey, ScalarKey } from './families.js';
import type { HistogramSample, Sample } from './sample.js';

/** What has series of the metrics: the pool of an application. */
export interface MetricsSource {
  samples(key: ScalarKey): readonly Sample[];
  histograms(key: HistogramKey): readonly HistogramSample[];
  /** Counts from zero again. */
  reset(): void;
}
