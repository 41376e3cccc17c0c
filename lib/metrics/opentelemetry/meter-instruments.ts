import {
  aggregatorOf,
  FAMILIES,
  HISTOGRAMS,
  SCALARS,
  type Family,
  type FamilyKey,
  type HistogramKey,
  type ScalarKey,
} from '../families.js';
import { mergeSamples } from '../merge.js';
import type {
  InstrumentOptions,
  MetricsMeter,
  MetricsObserver,
  ObservableInstrument,
} from '../metrics.options.js';
import type { MetricsSource } from '../metrics-source.js';
import { DRAIN_BOUNDS } from '../server/server-meter.js';
import { attributesOf, type Attributes } from './attributes.js';

interface Observable {
  readonly instrument: ObservableInstrument;
  readonly callback: (result: MetricsObserver) => void;
}

type Histogram = ReturnType<MetricsMeter['createHistogram']>;

/** The instruments on one meter, shared by all applications of the process that have it. */
export class MeterInstruments {
  private static readonly known = new WeakMap<MetricsMeter, MeterInstruments>();

  private readonly sources = new Set<MetricsSource>();
  private readonly histograms: ReadonlyMap<HistogramKey, Histogram>;
  private readonly observables: readonly Observable[];

  private constructor(meter: MetricsMeter, durationBounds: readonly number[]) {
    const bounds = { requestDuration: durationBounds, drainDuration: DRAIN_BOUNDS };
    this.histograms = new Map(
      HISTOGRAMS.map((key) => {
        const advice = { explicitBucketBoundaries: [...bounds[key]] };
        return [key, meter.createHistogram(openTelemetryName(key), { ...about(key), advice })];
      }),
    );
    this.observables = SCALARS.map((key) => ({
      instrument: createObservable(meter, key),
      callback: (result) => this.observe(key, result),
    }));
  }

  static of(meter: MetricsMeter, durationBounds: readonly number[]): MeterInstruments {
    const { known } = MeterInstruments;
    const found = known.get(meter) ?? new MeterInstruments(meter, durationBounds);
    known.set(meter, found);
    return found;
  }

  add(source: MetricsSource): void {
    if (this.sources.size === 0) {
      for (const { instrument, callback } of this.observables) instrument.addCallback(callback);
    }
    this.sources.add(source);
  }

  remove(source: MetricsSource): void {
    if (!this.sources.delete(source) || this.sources.size > 0) return;
    for (const { instrument, callback } of this.observables) instrument.removeCallback(callback);
  }

  record(key: HistogramKey, seconds: number, attributes: Attributes): void {
    this.histograms.get(key)?.record(seconds, attributes);
  }

  private observe(key: ScalarKey, result: MetricsObserver): void {
    const samples = [...this.sources].flatMap((source) => source.samples(key));
    for (const { labels, value } of mergeSamples(samples, aggregatorOf(key))) {
      result.observe(value, attributesOf(labels));
    }
  }
}

/** The name of Prometheus with dots, less the unit and the kind that OpenTelemetry tells beside it. */
function openTelemetryName(key: FamilyKey): string {
  if (key === 'activeRequests') return 'http.server.active_requests';
  return FAMILIES[key].name.replace(/_(total|seconds)$/, '').replaceAll('_', '.');
}

function createObservable(meter: MetricsMeter, key: ScalarKey): ObservableInstrument {
  const { type }: Family = FAMILIES[key];
  const [name, options] = [openTelemetryName(key), about(key)];
  if (type === 'counter') return meter.createObservableCounter(name, options);
  if (aggregatorOf(key) === 'sum') return meter.createObservableUpDownCounter(name, options);
  return meter.createObservableGauge(name, options);
}

function about(key: FamilyKey): InstrumentOptions {
  const { help, unit }: Family = FAMILIES[key];
  return { description: help, ...(unit !== undefined && { unit }) };
}
