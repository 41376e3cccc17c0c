import type { ServerHealth } from '../health/server-health.js';
import type { Readiness } from './readiness.js';
import type { Answer } from './exchange.js';

/** As terminus gives it. */
export interface HealthResult {
  readonly status: 'ok' | 'degraded' | 'error';
  readonly info: Readonly<Record<string, ServerHealth>>;
  readonly error: Readonly<Record<string, ServerHealth>>;
  readonly details: Readonly<Record<string, ServerHealth>>;
}

/**
 * Who answers for the whole that operators ask about: this process alone, or one of several that
 * asks the others.
 */
export interface ManagementSource {
  /** Why the start is not over; undefined: it is. Of this process alone. */
  pendingStart(): string | undefined;
  readiness(): Readiness | Promise<Readiness>;
  health(): HealthResult | Promise<HealthResult>;
  /** What `/servers` shows. */
  servers(): object | Promise<object>;
  /** Undefined where there are no metrics. */
  readonly metrics?: () => Answer | Promise<Answer>;
}

/** Makes of a process that answers for itself one that answers for all. */
export type AnswerForAll = (alone: ManagementSource) => ManagementSource;

const forItself: AnswerForAll = (alone) => alone;
let answerForAll = forItself;

/**
 * Has the management servers of this process answer for the whole from their next request on;
 * undefined: each for itself again. For the supervisor of several workers, which are set up before
 * the application is.
 */
export function setAnswerForAll(by: AnswerForAll | undefined): void {
  answerForAll = by ?? forItself;
}

/** Who answers instead of a process alone. */
export function sourceFor(alone: ManagementSource): ManagementSource {
  return answerForAll(alone);
}
