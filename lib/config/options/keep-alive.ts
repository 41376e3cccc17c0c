import 'reflect-metadata';
import { toMs, type Duration } from '../duration.js';
import { IsDuration } from '../rules/duration.rules.js';
import { IsFlag, IsWhole } from '../rules/value.rules.js';
import { orDefaults } from './or-defaults.js';

/** How long clients may keep a connection. 0 is the same as leaving a limit out. */
export class KeepAliveConfig {
  /**
   * Whether each connection serves one request only.
   *
   * @defaultValue false
   */
  @IsFlag()
  disableKeepAlive?: boolean | undefined;

  /**
   * How many requests a connection serves: the answer with that number says `Connection: close`, and
   * an HTTP/2 session is sent away while its streams finish. So a balancer spreads its connections anew.
   *
   * @defaultValue none
   */
  @IsWhole({ min: 0 })
  keepAliveMaxRequests?: number | undefined;

  /**
   * For how long a connection is kept: the next answer after that time says `Connection: close`, and
   * over HTTP/2 the next stream brings a GOAWAY.
   *
   * @defaultValue none
   */
  @IsDuration({ maxMs: Number.MAX_SAFE_INTEGER })
  keepAliveMaxTime?: Duration | undefined;
}

export interface KeepAliveSettings {
  /** Whether any of the below ends a connection: asked for each request. */
  readonly isLimited: boolean;

  readonly disabled: boolean;
  /** `Infinity` for none. */
  readonly maxRequests: number;
  /** `Infinity` for none. */
  readonly maxMs: number;
}

const KEEP_ALIVE_DEFAULTS: KeepAliveSettings = Object.freeze({
  isLimited: false,
  disabled: false,
  maxRequests: Infinity,
  maxMs: Infinity,
});

export function resolveKeepAlive(options: KeepAliveConfig): KeepAliveSettings {
  const disabled = options.disableKeepAlive ?? false;
  const maxRequests = options.keepAliveMaxRequests || Infinity;
  const maxMs = toMs(options.keepAliveMaxTime, 0) || Infinity;
  const isLimited = disabled || maxRequests < Infinity || maxMs < Infinity;
  return orDefaults(KEEP_ALIVE_DEFAULTS, { isLimited, disabled, maxRequests, maxMs });
}
