/**
 * A registry of prom-client, as far as it is used: its metrics are written by `metrics()`, and
 * `getMetricsAsJSON()` gives what `AggregatorRegistry.aggregate()` takes.
 *
 * @see https://github.com/siimon/prom-client
 */
export interface MetricsRegistry {
  readonly contentType: string;
  metrics(): Promise<string>;
  getMetricsAsJSON(): Promise<unknown>;
  getSingleMetric(name: string): unknown;
  registerMetric(metric: never): void;
  removeSingleMetric(name: string): void;
}

/** What an observable instrument of OpenTelemetry is told. */
export interface MetricsObserver {
  observe(value: number, attributes?: Record<string, string | number>): void;
}

/** An observable instrument of OpenTelemetry. */
export interface ObservableInstrument {
  addCallback(callback: (result: MetricsObserver) => void): void;
  removeCallback(callback: (result: MetricsObserver) => void): void;
}

/** A description of an instrument of OpenTelemetry. */
export interface InstrumentOptions {
  readonly description?: string;
  readonly unit?: string;
  readonly advice?: { explicitBucketBoundaries?: number[] };
}

/**
 * A `Meter` of `@opentelemetry/api`, as far as it is used.
 *
 * @see https://opentelemetry.io/docs/specs/otel/metrics/api/
 */
export interface MetricsMeter {
  createHistogram(
    name: string,
    options?: InstrumentOptions,
  ): { record(value: number, attributes?: Record<string, string | number>): void };
  createObservableGauge(name: string, options?: InstrumentOptions): ObservableInstrument;
  createObservableCounter(name: string, options?: InstrumentOptions): ObservableInstrument;
  createObservableUpDownCounter(name: string, options?: InstrumentOptions): ObservableInstrument;
}

/** Where metrics go. */
export interface MetricsOptions {
  /**
   * A registry of prom-client.
   *
   * @defaultValue prom-client's default one, and none where there is a `meter`
   */
  registry?: MetricsRegistry | undefined;
  /**
   * A `Meter` of OpenTelemetry, instead of a registry or beside it.
   *
   * @defaultValue none
   */
  meter?: MetricsMeter | undefined;
  /**
   * The upper bounds of the buckets of the durations of requests, in seconds, ascending.
   *
   * @defaultValue OpenTelemetry's advice: .005 .01 .025 .05 .075 .1 .25 .5 .75 1 2.5 5 7.5 10
   */
  durationBuckets?: readonly number[] | undefined;
}

/** @see https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ */
export const DURATION_BOUNDS: readonly number[] = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];
