import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';

/** A meter provider, and what it exports when it is flushed. */
export function collecting(temporality = AggregationTemporality.CUMULATIVE): {
  exporter: InMemoryMetricExporter;
  provider: MeterProvider;
} {
  const exporter = new InMemoryMetricExporter(temporality);
  const exportIntervalMillis = 2 ** 31 - 1;
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis });
  return { exporter, provider: new MeterProvider({ readers: [reader] }) };
}
