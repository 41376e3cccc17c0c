import {
  aggregatorOf,
  FAMILIES,
  type Family,
  type FamilyKey,
  type HistogramKey,
  type ScalarKey,
} from '../families.js';
import { mergeHistograms, mergeSamples } from '../merge.js';
import type { MetricsSource } from '../metrics-source.js';
import type { HistogramSample, Sample } from '../sample.js';

/*
 * What is not of prom-client's documented surface, and is used all the same: a registry takes any object
 * with the `name`, `get()` and `reset()` of a metric. Read from prom-client 14.2.0 and 15.1.3;
 * `prom-client-internals.spec.ts` beside this file fails by name where a new version differs, and the process is
 * warned where a registry keeps something else than it was given. Its own classes
 * would look a series up by a text that they put together of all labels, for each request.
 */

/** By it a metric of ours is known on a registry, whichever copy of this package has put it there. */
const isShared = Symbol.for('nestjs-http-pool.metrics.shared.1');

/** A value as a registry writes it. */
interface Value extends Sample {
  readonly metricName?: string;
}

/** One metric of a registry, with the series of all that have some. */
export class SharedMetric {
  readonly [isShared] = true;
  /** A registry that writes OpenMetrics takes the ending of a counter's away. */
  name: string;
  readonly help: string;
  readonly type: Family['type'];
  readonly aggregator: string;
  readonly sources = new Set<MetricsSource>();

  /** @param bounds Of the buckets, where it is a histogram */
  constructor(
    readonly key: FamilyKey,
    readonly bounds: readonly number[],
  ) {
    const family: Family = FAMILIES[key];
    this.name = family.name;
    this.help = family.help;
    this.type = family.type;
    this.aggregator = aggregatorOf(key);
  }

  /** The metric of this name on a registry, where it is one of ours. */
  static of(metric: unknown): SharedMetric | undefined {
    const isOurs = (metric as Partial<SharedMetric> | null | undefined)?.[isShared] === true;
    return isOurs ? (metric as SharedMetric) : undefined;
  }

  /** Called by the registry. */
  get(): Promise<object> {
    const { name, help, type, aggregator } = this;
    return Promise.resolve({ name, help, type, aggregator, values: this.values() });
  }

  /** Called by `resetMetrics()` of the registry. */
  reset(): void {
    for (const source of this.sources) source.reset();
  }

  private values(): Value[] {
    const { key } = this;
    const sources = [...this.sources];
    if (this.type !== 'histogram') {
      const samples = sources.flatMap((source) => source.samples(key as ScalarKey));
      return mergeSamples(samples, aggregatorOf(key));
    }
    const samples = sources.flatMap((source) => source.histograms(key as HistogramKey));
    return mergeHistograms(samples).flatMap((sample) => this.histogramValues(sample));
  }

  private histogramValues({ labels, sum, count, buckets }: HistogramSample): Value[] {
    const { name } = this;
    const bucket = `${name}_bucket`;
    let total = 0;
    const values: Value[] = this.bounds.map((le, at) => {
      total += buckets[at] ?? 0;
      return { metricName: bucket, labels: { le: String(le), ...labels }, value: total };
    });
    return [
      ...values,
      { metricName: bucket, labels: { le: '+Inf', ...labels }, value: count },
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
