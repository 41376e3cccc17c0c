import 'reflect-metadata';
import { toMs, type Duration } from '../duration.js';
import { IsDuration } from '../rules/duration.rules.js';
import { IsWhole } from '../rules/value.rules.js';

/** When a server turns requests away because the process does not keep up. */
export class OverloadConfig {
  /** While the event loop is late by more than that, requests are answered 503; from 1 ms. */
  @IsDuration({ minMs: 1, required: true })
  eventLoopDelay!: Duration;

  /**
   * What `Retry-After` of that answer says, in seconds.
   *
   * @defaultValue 1
   */
  @IsWhole({ min: 0, max: 86_400 })
  retryAfter?: number | undefined;
}

export interface OverloadSettings {
  readonly delayMs: number;
  readonly retryAfter: number;
}

export const OVERLOAD_DEFAULTS = Object.freeze({ retryAfter: 1 });

export function resolveOverload(
  overload: OverloadConfig | undefined,
): OverloadSettings | undefined {
  if (overload === undefined) return undefined;
  return Object.freeze({
    delayMs: toMs(overload.eventLoopDelay, 0),
    retryAfter: overload.retryAfter ?? OVERLOAD_DEFAULTS.retryAfter,
  });
}
