import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  CUT_KINDS,
  REFUSAL_REASONS,
  SHED_REASONS,
  type CutKind,
  type RefusalReason,
  type RequestEnd,
  type ServerEvents,
  type ShedReason,
} from '../../server/transport/events/server-events.js';
import { HistogramSeries } from '../histogram.js';
import type { Labels } from '../sample.js';
import { routeOf } from '../route/route-of.js';
import { kindOf, KINDS } from './request-kind.js';
import { RequestDurations } from './request-durations.js';

/** How long stops take: from a server without clients to a grace of minutes. */
export const DRAIN_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Told of each duration when it is known, for those who keep histograms of their own. */
export interface DurationRecorder {
  request(seconds: number, labels: Labels): void;
  drain(seconds: number): void;
}

const begun = Symbol('nestjs-http-pool.metrics.begun');

/** What is kept of a request until its end. */
interface Begun {
  readonly at: number;
  readonly kind: number;
}

type Tagged = ServerResponse & { [begun]?: Begun };

/** Counts what one server tells. Gauges of what it is at a moment are read from the server itself. */
export class ServerMeter implements ServerEvents {
  accepted = 0;
  readonly refused: Record<RefusalReason, number> = zeros(REFUSAL_REASONS);
  readonly cut: Record<CutKind, number> = zeros(CUT_KINDS);
  readonly shed: Record<ShedReason, number> = zeros(SHED_REASONS);
  /** Requests that are not over, by their kind; a hole for a kind that has not come yet. */
  readonly active: number[] = Array.from({ length: KINDS });
  readonly durations: RequestDurations;
  readonly drains: HistogramSeries = new HistogramSeries(DRAIN_BOUNDS);

  constructor(
    bounds: readonly number[],
    private readonly recorder: DurationRecorder | undefined,
  ) {
    this.durations = new RequestDurations(bounds);
  }

  connectionAccepted(): void {
    this.accepted += 1;
  }

  connectionRefused(reason: RefusalReason): void {
    this.refused[reason] += 1;
  }

  connectionCut(kind: CutKind): void {
    this.cut[kind] += 1;
  }

  requestShed(_request: IncomingMessage, reason: ShedReason): void {
    this.shed[reason] += 1;
  }

  requestBegun(request: IncomingMessage, response: ServerResponse): void {
    const kind = kindOf(request);
    this.active[kind] = (this.active[kind] ?? 0) + 1;
    (response as Tagged)[begun] = { at: performance.now(), kind };
  }

  requestEnded(request: IncomingMessage, response: ServerResponse, { status }: RequestEnd): void {
    const { at, kind } = (response as Tagged)[begun] as Begun;
    (this.active[kind] as number) -= 1;
    const series = this.durations.series(routeOf(request), status ?? 0, kind);
    const seconds = (performance.now() - at) / 1000;
    series.durations.observe(seconds);
    this.recorder?.request(seconds, series.labels);
  }

  /** Counts from zero again; what is under way still is. */
  reset(): void {
    this.accepted = 0;
    for (const counts of [this.refused, this.cut, this.shed]) zero(counts);
    this.durations.reset();
    this.drains.reset();
  }

  drained(durationMs: number): void {
    this.drains.observe(durationMs / 1000);
    this.recorder?.drain(durationMs / 1000);
  }
}

function zero(counts: Record<string, number>): void {
  for (const key of Object.keys(counts)) counts[key] = 0;
}

/** By kind and by reason there is a series from the start: a rate needs what was before the first. */
function zeros<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}
