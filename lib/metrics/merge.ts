import type { Aggregator } from './families.js';
import type { HistogramSample, Labels, Sample } from './sample.js';

/** How two values of one series become one. */
export const MERGE: Record<Aggregator, (a: number, b: number) => number> = {
  sum: (a, b) => a + b,
  max: Math.max,
  min: Math.min,
};

/**
 * No series twice: two applications of a process may have servers of one name, and a scrape that holds
 * a series twice is refused as a whole.
 */
export function mergeSamples(samples: readonly Sample[], how: Aggregator): Sample[] {
  return mergeEqual(samples, ({ labels, value }, other) => {
    return { labels, value: MERGE[how](value, other.value) };
  });
}

/** As {@link mergeSamples}, of histograms with the same buckets. */
export function mergeHistograms(samples: readonly HistogramSample[]): HistogramSample[] {
  return mergeEqual(samples, ({ labels, sum, count, buckets }, other) => ({
    labels,
    sum: sum + other.sum,
    count: count + other.count,
    buckets: buckets.map((inBucket, at) => inBucket + (other.buckets[at] ?? 0)),
  }));
}

function mergeEqual<T extends { readonly labels: Labels }>(
  samples: readonly T[],
  merge: (one: T, other: T) => T,
): T[] {
  const merged = new Map<string, T>();
  for (const sample of samples) {
    const key = JSON.stringify(Object.values(sample.labels));
    const found = merged.get(key);
    merged.set(key, found ? merge(found, sample) : sample);
  }
  return [...merged.values()];
}
