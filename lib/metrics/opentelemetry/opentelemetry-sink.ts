import type { HistogramKey } from '../families.js';
import type { MetricsMeter } from '../metrics.options.js';
import type { MetricsSource } from '../metrics-source.js';
import type { MetricsSink, SeriesOf } from '../pool-metrics.js';
import type { Labels } from '../sample.js';
import { attributesOf, type Attributes } from './attributes.js';
import { MeterInstruments } from './meter-instruments.js';

/** The metrics on a meter of OpenTelemetry. What keeps histograms there is the SDK of its user. */
export class OpenTelemetrySink implements MetricsSink {
  /** Made once for each series, and not for each request. */
  private readonly attributes = new WeakMap<Labels, Attributes>();

  constructor(
    private readonly meter: MetricsMeter,
    private readonly durationBounds: readonly number[],
  ) {}

  add(source: MetricsSource): () => void {
    const { instruments } = this;
    instruments.add(source);
    return () => instruments.remove(source);
  }

  record(key: HistogramKey, seconds: number, series: SeriesOf): void {
    this.instruments.record(key, seconds, this.attributesFor(series));
  }

  private attributesFor({ server, labels }: SeriesOf): Attributes {
    const known = this.attributes.get(labels);
    if (known?.server === server) return known;
    const attributes = attributesOf({ server, ...labels });
    this.attributes.set(labels, attributes);
    return attributes;
  }

  private get instruments(): MeterInstruments {
    return MeterInstruments.of(this.meter, this.durationBounds);
  }
}
