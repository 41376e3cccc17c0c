import 'reflect-metadata';
import type { FieldsOf } from '../fields-of.js';
import { parseDuration, toMs, type Duration } from '../duration.js';
import { describeValue } from '../redact.js';
import { IsDuration } from '../rules/duration.rules.js';
import { rule } from '../rules/rule.js';
import { IsFlag, IsWhole } from '../rules/value.rules.js';
import { orDefaults } from './or-defaults.js';

/**
 * The supervised restart after a crash of the listener, with exponential backoff. A delay of 0 would
 * restart in a busy loop.
 */
export class RestartConfig {
  /**
   * How many attempts in a row before it stays failed, from 0; `Infinity` is allowed.
   *
   * @defaultValue 10
   */
  @IsWhole({ min: 0, infinite: true })
  retries?: number | undefined;

  /**
   * The time before the first attempt, from 1 ms; it doubles with each one.
   *
   * @defaultValue 100 ms
   */
  @IsDuration({ minMs: 1 })
  delay?: Duration | undefined;

  /**
   * The longest time between attempts; not below `delay`.
   *
   * @defaultValue 30 s
   */
  @IsDuration({ minMs: 1 })
  @IsNotBelowDelay()
  maxDelay?: Duration | undefined;

  /**
   * Whether it is restarted too when its monitor says `down`: at once, then after the delay, which
   * doubles with each one until it is up again.
   *
   * @defaultValue false
   */
  @IsFlag()
  onDown?: boolean | undefined;
}

/** The supervised restart after a crash of the listener, with exponential backoff. */
export type RestartOptions = FieldsOf<RestartConfig>;

/** What supervises a server, by the option `restart`: a restart itself is a new transport, and nothing else. */
export interface SupervisionSettings {
  readonly retries: number;
  readonly delayMs: number;
  readonly maxDelayMs: number;
  readonly onDown: boolean;
}

/** The defaults of the supervised restart, once it is on. */
const SUPERVISION_DEFAULTS: SupervisionSettings = Object.freeze({
  retries: 10,
  delayMs: 100,
  maxDelayMs: 30_000,
  onDown: false,
});

export function resolveSupervision(restart: RestartConfig): SupervisionSettings {
  const { delay, maxDelay, retries = SUPERVISION_DEFAULTS.retries } = restart;
  const delayMs = toMs(delay, SUPERVISION_DEFAULTS.delayMs);
  return orDefaults(SUPERVISION_DEFAULTS, {
    retries,
    // A default above the limit that was given gives way to it.
    delayMs: delay === undefined ? Math.min(delayMs, toMs(maxDelay, delayMs)) : delayMs,
    maxDelayMs: toMs(maxDelay, Math.max(delayMs, SUPERVISION_DEFAULTS.maxDelayMs)),
    onDown: restart.onDown ?? SUPERVISION_DEFAULTS.onDown,
  });
}

function IsNotBelowDelay(): PropertyDecorator {
  return rule('isNotBelowDelay', (value, siblings) => {
    const { delay } = siblings as RestartConfig;
    const [max, min] = [parseDuration(value), parseDuration(delay)];
    if (max === undefined || min === undefined || max >= min) return [];
    return [{ text: `got ${describeValue(value)}, give a duration not below delay, ${min} ms` }];
  });
}
