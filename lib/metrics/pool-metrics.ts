import type { Subscription } from 'rxjs';
import type { ApplyOutcome } from '../pool/apply/apply-outcome.js';
import type { Pool } from '../pool/pool.js';
import type { PooledServer } from '../server/pooled-server.js';
import type { HistogramKey, ScalarKey } from './families.js';
import type { MetricsSource } from './metrics-source.js';
import type { HistogramSample, Labels, Sample } from './sample.js';
import { ServerMeter, type DurationRecorder } from './server/server-meter.js';
import { serverHistograms, serverSamples, type MeteredServer } from './server/server-samples.js';

/** Where the metrics of a pool are read, and histograms told. */
export interface MetricsSink {
  /** Its series are there from now on, until the returned function is called. */
  add(source: MetricsSource): () => void;
  /** For those that keep histograms themselves. */
  record?(key: HistogramKey, seconds: number, series: SeriesOf): void;
}

/** Whose a value is. The labels are the same object for all values of one series. */
export interface SeriesOf {
  readonly server: string;
  readonly labels: Labels;
}

interface Observed extends MeteredServer {
  readonly stop: () => void;
}

/** The metrics of one pool, for as long as it is watched. */
export class PoolMetrics implements MetricsSource {
  private readonly observed = new Map<PooledServer, Observed>();
  private readonly applies: Record<ApplyOutcome, number> = zeroApplies();
  private lastApply = 1;
  private subscription: Subscription | undefined;
  private stopApplies: (() => void) | undefined;
  private removers: (() => void)[] = [];
  private isStale = false;

  constructor(
    private readonly pool: Pool,
    private readonly sinks: readonly MetricsSink[],
    private readonly durationBounds: readonly number[],
  ) {}

  /** Does nothing when it watches already. */
  watch(): void {
    if (this.subscription) return;
    this.subscription = this.pool.events$.subscribe(({ type }) => {
      if (type === 'added' || type === 'removed') this.lookLater();
    });
    this.stopApplies = this.pool.onApplied((outcome) => {
      this.applies[outcome] += 1;
      this.lastApply = outcome === 'applied' ? 1 : 0;
    });
    this.look();
    this.removers = this.sinks.map((sink) => sink.add(this));
  }

  /** Takes its series away. */
  close(): void {
    this.subscription?.unsubscribe();
    this.stopApplies?.();
    for (const remove of this.removers.splice(0)) remove();
    for (const { stop } of this.observed.values()) stop();
    this.observed.clear();
    this.subscription = undefined;
  }

  samples(key: ScalarKey): readonly Sample[] {
    this.look();
    if (key === 'applies') return applySamples(this.applies);
    if (key === 'lastApply') return [{ labels: {}, value: this.lastApply }];
    return [...this.observed.values()].flatMap((each) => serverSamples(key, each));
  }

  histograms(key: HistogramKey): readonly HistogramSample[] {
    this.look();
    return [...this.observed.values()].flatMap((each) => serverHistograms(key, each));
  }

  reset(): void {
    Object.assign(this.applies, zeroApplies());
    for (const { meter } of this.observed.values()) meter.reset();
  }

  /** Once for all that happens in a turn: of a thousand servers that come, each is an event. */
  private lookLater(): void {
    if (this.isStale) return;
    this.isStale = true;
    queueMicrotask(() => {
      this.isStale = false;
      if (this.subscription) this.look();
    });
  }

  /** Observes the servers that are in the pool now, and no other. */
  private look(): void {
    const present = new Set(this.pool);
    for (const [server, { stop }] of this.observed) {
      if (present.has(server)) continue;
      stop();
      this.observed.delete(server);
    }
    for (const server of present) {
      if (!this.observed.has(server)) this.observed.set(server, this.observe(server));
    }
  }

  private observe(server: PooledServer): Observed {
    const meter = new ServerMeter(this.durationBounds, this.recorderFor(server));
    return { server, meter, stop: server.observe(meter) };
  }

  private recorderFor(server: PooledServer): DurationRecorder | undefined {
    const told = this.sinks.filter((sink) => sink.record !== undefined);
    if (told.length === 0) return undefined;
    const tell = (key: HistogramKey, seconds: number, labels: Labels): void => {
      const series = { server: server.name, labels };
      for (const sink of told) sink.record?.(key, seconds, series);
    };
    return {
      request: (seconds, labels) => tell('requestDuration', seconds, labels),
      drain: (seconds) => tell('drainDuration', seconds, {}),
    };
  }
}

function zeroApplies(): Record<ApplyOutcome, number> {
  return { applied: 0, rejected: 0, rolled_back: 0 };
}

function applySamples(applies: Record<ApplyOutcome, number>): Sample[] {
  return Object.entries(applies).map(([outcome, value]) => ({ labels: { outcome }, value }));
}
