import type { MetricsMeter, MetricsOptions, MetricsRegistry } from './metrics.options.js';
import { DURATION_BOUNDS } from './metrics.options.js';
import { OpenTelemetrySink } from './opentelemetry/opentelemetry-sink.js';
import { PoolMetrics, type MetricsSink } from './pool-metrics.js';
import { PrometheusSink } from './prometheus/prometheus-sink.js';
import type { Pool } from '../pool/pool.js';

/** What is asked for. */
interface MetricsWish {
  /** The option as it was given, and found valid; undefined: not given. */
  readonly option: boolean | MetricsOptions | undefined;
  /** Whether there is a management server, which shows them. */
  readonly hasManagement: boolean;
}

/** What metrics go to, or why there are none. */
export interface LoadedMetrics {
  readonly registry?: MetricsRegistry;
  readonly meter?: MetricsMeter;
  readonly durationBounds: readonly number[];
  /** Nobody has asked for them: what keeps them off is no fault. */
  readonly isDefault: boolean;
}

/**
 * Finds out what metrics go to, and loads prom-client where it is needed; undefined: they are off.
 *
 * @throws Error when they were asked for and prom-client is not installed
 */
export async function loadMetrics(
  { option, hasManagement }: MetricsWish,
  load: () => Promise<{ register: MetricsRegistry }> = loadPromClient,
): Promise<LoadedMetrics | undefined> {
  if (option === false || (option === undefined && !hasManagement)) return undefined;
  const { registry, meter, durationBuckets } = typeof option === 'object' ? option : {};
  const durationBounds = durationBuckets ?? DURATION_BOUNDS;
  const isDefault = option === undefined;
  if (registry || meter) return { registry, meter, durationBounds, isDefault };
  try {
    return { registry: (await load()).register, durationBounds, isDefault };
  } catch (error) {
    if (!isNotInstalled(error)) throw error;
    if (isDefault) return undefined;
    const message =
      'metrics: prom-client is not installed. Install it (npm install prom-client), or give the Meter ' +
      'of OpenTelemetry as `metrics.meter`';
    throw new Error(message, { cause: error });
  }
}

/** Why the metrics can't be where they were asked to be. */
export function faultOf(loaded: LoadedMetrics): string | undefined {
  return loaded.registry && new PrometheusSink(loaded.registry, loaded.durationBounds).fault;
}

/** The metrics of a pool, on what was loaded. */
export function metricsOf(
  pool: Pool,
  { registry, meter, durationBounds }: LoadedMetrics,
): PoolMetrics {
  const sinks: MetricsSink[] = [
    ...(registry ? [new PrometheusSink(registry, durationBounds)] : []),
    ...(meter ? [new OpenTelemetrySink(meter, durationBounds)] : []),
  ];
  return new PoolMetrics(pool, sinks, durationBounds);
}

async function loadPromClient(): Promise<{ register: MetricsRegistry }> {
  const loaded = (await import('prom-client')) as unknown as {
    default?: { register: MetricsRegistry };
    register?: MetricsRegistry;
  };
  const register = loaded.register ?? loaded.default?.register;
  if (register === undefined) throw new Error('this version of prom-client has no `register`');
  return { register };
}

/** As `import` says it, and as `require` does, which Jest and bundlers make of it. */
const NOT_FOUND = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/** It, and not something that it needs. */
function isNotInstalled(error: unknown): boolean {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return NOT_FOUND.has(code) && message.includes("'prom-client'");
}
