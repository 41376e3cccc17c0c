import 'reflect-metadata';
import type { FieldsOf } from '../fields-of.js';
import { toMs, type Duration } from '../duration.js';
import { IsDuration } from '../rules/duration.rules.js';
import { IsFlag } from '../rules/value.rules.js';
import { orDefaults } from './or-defaults.js';

/** How a server stops. */
export class ShutdownConfig {
  /**
   * How long it goes on serving, not ready any more, before it drains: the time a load balancer
   * needs to notice.
   *
   * @defaultValue 0
   */
  @IsDuration()
  delay?: Duration | undefined;

  /**
   * The grace for requests in flight; what is left after it is cut.
   *
   * @defaultValue 5 s
   */
  @IsDuration()
  timeout?: Duration | undefined;

  /**
   * Whether it stops after all others, as a management server does.
   *
   * @defaultValue false
   */
  @IsFlag()
  last?: boolean | undefined;

  /**
   * Over how long WebSockets and server-sent events are ended, evenly, instead of at once: so not all
   * of their clients connect anew in one moment. At most what the grace allows.
   *
   * @defaultValue 0
   */
  @IsDuration()
  pace?: Duration | undefined;

  /**
   * An idle connection is ended when nothing has come on it for so long: a client that has just been answered
   * may ask again at once. Counted from the last answer if the client has never paused longer than half of
   * its present pause; otherwise from the stop. A tenth of the grace where that is shorter.
   *
   * @defaultValue 100 ms
   */
  @IsDuration()
  quiet?: Duration | undefined;
}

/** How a server stops. */
export type ShutdownOptions = FieldsOf<ShutdownConfig>;

export interface ShutdownSettings {
  readonly delayMs: number;
  readonly timeoutMs: number;
  readonly last: boolean;
  readonly paceMs: number;
  readonly quietMs: number;
}

/** The defaults of stopping. */
const SHUTDOWN_DEFAULTS: ShutdownSettings = Object.freeze({
  delayMs: 0,
  timeoutMs: 5000,
  last: false,
  paceMs: 0,
  quietMs: 100,
});

export function resolveShutdown(shutdown: ShutdownConfig = {}): ShutdownSettings {
  return orDefaults(SHUTDOWN_DEFAULTS, {
    delayMs: toMs(shutdown.delay, SHUTDOWN_DEFAULTS.delayMs),
    timeoutMs: toMs(shutdown.timeout, SHUTDOWN_DEFAULTS.timeoutMs),
    last: shutdown.last ?? SHUTDOWN_DEFAULTS.last,
    paceMs: toMs(shutdown.pace, SHUTDOWN_DEFAULTS.paceMs),
    quietMs: toMs(shutdown.quiet, SHUTDOWN_DEFAULTS.quietMs),
  });
}
