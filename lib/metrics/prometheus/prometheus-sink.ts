import { warnOnce } from '../../errors/warn-once.js';
import { FAMILIES, type FamilyKey } from '../families.js';
import type { MetricsRegistry } from '../metrics.options.js';
import type { MetricsSource } from '../metrics-source.js';
import type { MetricsSink } from '../pool-metrics.js';
import { DRAIN_BOUNDS } from '../server/server-meter.js';
import { SharedMetric } from './shared-metric.js';

const KEYS = Object.keys(FAMILIES) as FamilyKey[];

/**
 * The metrics on a registry of prom-client. Several applications of a process share them: each adds its
 * series, and the last one to leave takes them from the registry.
 */
export class PrometheusSink implements MetricsSink {
  constructor(
    private readonly registry: MetricsRegistry,
    private readonly durationBounds: readonly number[],
  ) {}

  /**
   * Why the metrics can't be on this registry: another one has the name of one of them, or they are
   * there with other buckets.
   */
  get fault(): string | undefined {
    for (const key of KEYS) {
      const { name } = FAMILIES[key];
      const found = this.registry.getSingleMetric(name);
      if (found === undefined) continue;
      const shared = SharedMetric.of(found);
      if (shared === undefined) return `the registry has a metric '${name}' of somebody else`;
      if (key === 'requestDuration' && !isSame(shared.bounds, this.durationBounds)) {
        const bounds = shared.bounds.join(', ');
        return `another application has '${name}' on this registry with the buckets ${bounds}`;
      }
    }
    return undefined;
  }

  add(source: MetricsSource): () => void {
    for (const key of KEYS) this.shared(key).sources.add(source);
    return () => this.remove(source);
  }

  private remove(source: MetricsSource): void {
    for (const key of KEYS) {
      const { name } = FAMILIES[key];
      const shared = SharedMetric.of(this.registry.getSingleMetric(name));
      if (shared?.sources.delete(source) && shared.sources.size === 0) {
        this.registry.removeSingleMetric(name);
      }
    }
  }

  private shared(key: FamilyKey): SharedMetric {
    const known = SharedMetric.of(this.registry.getSingleMetric(FAMILIES[key].name));
    if (known) return known;
    const bounds = key === 'requestDuration' ? this.durationBounds : DRAIN_BOUNDS;
    const shared = new SharedMetric(key, bounds);
    this.registry.registerMetric(shared as never);
    const kept: unknown = this.registry.getSingleMetric(FAMILIES[key].name);
    if (kept !== shared) {
      warnOnce(
        'This version of prom-client does not keep the metrics of nestjs-http-pool as it gets them: they may be missing. ' +
          'Please report it to nestjs-http-pool',
        'HTTP_POOL_PROM_CLIENT',
      );
    }
    return shared;
  }
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((bound, at) => bound === other[at]);
}
