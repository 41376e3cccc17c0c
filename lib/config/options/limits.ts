import 'reflect-metadata';
import { IsWhole } from '../rules/value.rules.js';
import { orDefaults } from './or-defaults.js';

/** HTTP/2 announces the size of headers in 32 bits (RFC 9113, 6.5.2), and Node throws above it. */
const MAX_HEADER_BYTES = 2 ** 32 - 1;

/** How much a server takes on at once. 0 is the same as leaving the limit out. */
export class LimitConfig {
  /**
   * The largest request head, in bytes, up to 4294967295.
   *
   * @defaultValue Node's `maxHeaderSize`, 16 KiB
   * @see https://nodejs.org/api/http.html#httpmaxheadersize
   */
  @IsWhole({ min: 0, max: MAX_HEADER_BYTES })
  maxHeaderBytes?: number | undefined;

  /**
   * How many connections may be open; above it a new socket is closed at once.
   *
   * @defaultValue none
   */
  @IsWhole({ min: 0 })
  maxConnections?: number | undefined;

  /**
   * How many requests may be in the handler at once; above it the answer is 503 with `Retry-After`.
   *
   * @defaultValue none
   */
  @IsWhole({ min: 0 })
  maxHandlers?: number | undefined;

  /**
   * How many WebSockets, tunnels of a `CONNECT` and other upgraded connections may be open; above it an upgrade is answered
   * 503 with `Retry-After`.
   *
   * @defaultValue none
   */
  @IsWhole({ min: 0 })
  maxUpgraded?: number | undefined;
}

/** Limits; undefined is none, and for `maxHeaderBytes` Node's own. */
export interface LimitSettings {
  readonly maxHeaderBytes: number | undefined;
  readonly maxConnections: number | undefined;
  readonly maxHandlers: number | undefined;
  readonly maxUpgraded: number | undefined;
}

const LIMIT_DEFAULTS: LimitSettings = Object.freeze({
  maxHeaderBytes: undefined,
  maxConnections: undefined,
  maxHandlers: undefined,
  maxUpgraded: undefined,
});

/** A limit of 0 is none, as in the original. */
export function resolveLimits(options: LimitConfig): LimitSettings {
  return orDefaults(LIMIT_DEFAULTS, {
    maxHeaderBytes: options.maxHeaderBytes || undefined,
    maxConnections: options.maxConnections || undefined,
    maxHandlers: options.maxHandlers || undefined,
    maxUpgraded: options.maxUpgraded || undefined,
  });
}
