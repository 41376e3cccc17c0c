import 'reflect-metadata';
import { toMs, type Duration } from '../duration.js';
import { IsDuration } from '../rules/duration.rules.js';
import { orDefaults } from './or-defaults.js';

/** How long a server waits, as in Go's `http.Server`. 0 switches a timeout off, but for `handshakeTimeout`. */
export class TimeoutConfig {
  /**
   * The longest time to receive a whole request, body included.
   *
   * @defaultValue 300 s, Node's `requestTimeout`
   * @see https://nodejs.org/api/http.html#serverrequesttimeout
   */
  @IsDuration()
  readTimeout?: Duration | undefined;

  /**
   * The longest time to receive the headers of a request; never above `readTimeout`.
   *
   * @defaultValue 30 s
   * @see https://nodejs.org/api/http.html#serverheaderstimeout
   */
  @IsDuration()
  readHeaderTimeout?: Duration | undefined;

  /**
   * The longest time from the end of the request's headers to the end of the response.
   *
   * @defaultValue 0, off
   * @see https://pkg.go.dev/net/http#Server
   */
  @IsDuration()
  writeTimeout?: Duration | undefined;

  /**
   * How long an idle keep-alive connection is kept. Answers promise a second less, by
   * `Keep-Alive: timeout=N`: a client that goes by it never asks on a connection that ends. Below a
   * second it is exact from Node 22.19 and 24.6 on; before, such a connection ends after a second.
   *
   * @defaultValue 5 s, Node's `keepAliveTimeout`
   * @see https://nodejs.org/api/http.html#serverkeepalivetimeout
   */
  @IsDuration()
  idleTimeout?: Duration | undefined;

  /**
   * The longest time of a TLS handshake; 0 is Node's own, 120 s.
   *
   * @defaultValue 30 s
   * @see https://nodejs.org/api/tls.html#tlscreateserveroptions-secureconnectionlistener
   */
  @IsDuration()
  handshakeTimeout?: Duration | undefined;
}

/** Timeouts in ms; 0 is off. */
export interface TimeoutSettings {
  readonly readMs: number;
  /** Never above `readMs`, which Node refuses. */
  readonly readHeaderMs: number;
  readonly writeMs: number;
  readonly idleMs: number;
  readonly handshakeMs: number;
}

/** The defaults of the timeouts, in ms. */
const TIMEOUT_DEFAULTS: TimeoutSettings = Object.freeze({
  /** Node's `requestTimeout`. */
  readMs: 300_000,
  readHeaderMs: 30_000,
  writeMs: 0,
  /** Node's `keepAliveTimeout`. */
  idleMs: 5000,
  handshakeMs: 30_000,
});

export function resolveTimeouts(options: TimeoutConfig): TimeoutSettings {
  const readMs = toMs(options.readTimeout, TIMEOUT_DEFAULTS.readMs);
  const readHeaderMs = toMs(options.readHeaderTimeout, TIMEOUT_DEFAULTS.readHeaderMs);
  return orDefaults(TIMEOUT_DEFAULTS, {
    readMs,
    readHeaderMs: readMs > 0 ? Math.min(readHeaderMs, readMs) : readHeaderMs,
    writeMs: toMs(options.writeTimeout, TIMEOUT_DEFAULTS.writeMs),
    idleMs: toMs(options.idleTimeout, TIMEOUT_DEFAULTS.idleMs),
    handshakeMs: toMs(options.handshakeTimeout, TIMEOUT_DEFAULTS.handshakeMs),
  });
}
