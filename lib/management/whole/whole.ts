import type { ServerHealth } from '../../server/server-health.js';
import type { Readiness } from './readiness.js';

/** As terminus gives it. */
export interface WholeHealth {
  readonly status: 'ok' | 'degraded' | 'error';
  readonly info: Readonly<Record<string, ServerHealth>>;
  readonly error: Readonly<Record<string, ServerHealth>>;
  readonly details: Readonly<Record<string, ServerHealth>>;
}

/** Metrics as they are scraped. */
export interface WholeMetrics {
  readonly contentType: string;
  readonly body: string;
}

/**
 * The whole that operators ask about: a process, or several that serve as one. What it tells is plain
 * data, fit to be sent from one process to another.
 */
export interface Whole {
  readiness(): Readiness | Promise<Readiness>;
  health(): WholeHealth | Promise<WholeHealth>;
  /** What `/servers` shows. */
  servers(): object | Promise<object>;
  /** Undefined where there are no metrics. */
  readonly metrics?: () => WholeMetrics | Promise<WholeMetrics>;
}

/** Makes of a process that tells of itself a whole of several. */
export type ToWhole = (alone: Whole) => Whole;

/**
 * What a process that is one of several puts up before its application is loaded: management servers
 * then tell of all of them. A symbol of the registry, for the application's copy of this package need
 * not be the one that put it up.
 */
export const toWholeKey = Symbol.for('nestjs-http-pool.to-whole');

/** The whole that a process is, or is part of, as of now. */
export function wholeOf(alone: Whole): Whole {
  const toWhole = (globalThis as { [toWholeKey]?: ToWhole })[toWholeKey];
  return toWhole?.(alone) ?? alone;
}
