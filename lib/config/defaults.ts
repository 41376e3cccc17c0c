import type { ClientAuth, TlsVersion } from './tls.options.js';

/** The defaults of the timeouts, in ms. */
export const TIMEOUT_DEFAULTS = Object.freeze({
  /** Node's `requestTimeout`. */
  readMs: 300_000,
  readHeaderMs: 30_000,
  writeMs: 0,
  /** Node's `keepAliveTimeout`. */
  idleMs: 5000,
  handshakeMs: 30_000,
});

/** The defaults of HTTP/2: Go's. */
export const HTTP2_DEFAULTS = Object.freeze({
  maxConcurrentStreams: 250,
  maxReadFrameSize: 1_048_576,
  maxUploadBufferPerConnection: 1_048_576,
  maxUploadBufferPerStream: 1_048_576,
  permitProhibitedCipherSuites: false,
});

/** The ranges of HTTP/2's settings (RFC 9113, 6.5.2 and 6.9.2), as `[min, max]`. */
export const HTTP2_RANGES = Object.freeze({
  maxConcurrentStreams: [1, 2 ** 32 - 1],
  maxReadFrameSize: [16_384, 2 ** 24 - 1],
  maxUploadBufferPerConnection: [65_535, 2 ** 31 - 1],
  maxUploadBufferPerStream: [1, 2 ** 31 - 1],
} as const);

/** The defaults of stopping. */
export const SHUTDOWN_DEFAULTS = Object.freeze({ delayMs: 0, timeoutMs: 5000, last: false });

/** The defaults of the supervised restart, once it is on. */
export const RESTART_DEFAULTS = Object.freeze({ retries: 10, delayMs: 100, maxDelayMs: 30_000 });

/**
 * The defaults of the monitor, as in the original: one failure makes a degraded server down, two
 * make a healthy one degraded; rising is symmetric.
 */
export const MONITOR_DEFAULTS = Object.freeze({
  checkTimeoutMs: 5000,
  intervalCheckMs: 5000,
  intervalFallMs: 5000,
  intervalRiseMs: 5000,
  fallCountKO: 1,
  fallCountWarn: 2,
  riseCountKO: 1,
  riseCountWarn: 2,
});

/** The defaults of TLS; the versions are Node's. */
export const TLS_DEFAULTS = Object.freeze({
  authClient: 'none' as ClientAuth,
  versionMin: 'TLSv1.2' as TlsVersion,
  versionMax: 'TLSv1.3' as TlsVersion,
  inheritDefault: false,
  sessionTicketDisable: false,
  dynamicSizingDisable: false,
  watch: false,
});
