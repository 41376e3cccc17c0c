import type { Http2Options } from './options/http2.js';
import type { RestartOptions, ShutdownOptions } from './lifecycle.options.js';
import type { LimitOptions } from './options/limits.js';
import type { MonitorOptions } from './monitor.options.js';
import type { TimeoutOptions } from './options/timeouts.js';
import type { TlsOptions } from './tls.options.js';

export type { Duration } from './duration.js';
export type { Http2Options } from './options/http2.js';
export type { RestartOptions, ShutdownOptions } from './lifecycle.options.js';
export type { LimitOptions } from './options/limits.js';
export type { MonitorOptions } from './monitor.options.js';
export type { TimeoutOptions } from './options/timeouts.js';
export type { CertificateOptions, ClientAuth, TlsOptions, TlsVersion } from './tls.options.js';

/** The protocol of a server; `'http2'` on TLS falls back to HTTP/1.1 for clients without it. */
export type ServerProtocol = 'http1' | 'http2';

/** Whether connections start with a header of the PROXY protocol. */
export type ProxyProtocolMode = 'off' | 'optional' | 'required';

/** The config of one server. {@link ServerConfig} is the same with the rules as decorators. */
export interface ServerOptions extends TimeoutOptions, LimitOptions, Http2Options {
  /** The name, unique in the pool. */
  name: string;
  /**
   * Where it listens: `host:port`, `:port` (every address, IPv6 and IPv4), `[v6]:port`,
   * `unix:/path.sock` or `fd:3`. Port, 0 to 65535; 0 lets the system choose.
   */
  listen: string;
  /**
   * The public address, an http or https URL.
   *
   * @defaultValue made from `listen` and TLS
   */
  expose?: string;
  /**
   * Which handler of the registry serves it.
   *
   * @defaultValue `''`, the same as `'default'`
   */
  handlerKey?: string;
  /**
   * Whether it is kept without ever being started.
   *
   * @defaultValue false
   */
  disabled?: boolean;
  /**
   * Whether it refuses to start without a usable certificate.
   *
   * @defaultValue false
   */
  tlsMandatory?: boolean;
  /**
   * TLS.
   *
   * @defaultValue none
   */
  tls?: TlsOptions;
  /**
   * The protocol: `'http2'` on TLS means ALPN with HTTP/1.1 as the fallback, without TLS it means
   * h2c by prior knowledge.
   *
   * @defaultValue `'http1'`
   * @see https://www.rfc-editor.org/rfc/rfc9113#name-starting-http-2
   */
  protocol?: ServerProtocol;
  /**
   * Whether each connection serves one request only.
   *
   * @defaultValue false
   */
  disableKeepAlive?: boolean;
  /**
   * The PROXY protocol, versions 1 and 2.
   *
   * @defaultValue `'off'`
   * @see https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
   */
  proxyProtocol?: ProxyProtocolMode;
  /**
   * Who may send a PROXY header: addresses and networks in CIDR notation.
   *
   * @defaultValue `[]`
   */
  trustedProxies?: string[];
  /** How it stops. */
  shutdown?: ShutdownOptions;
  /**
   * The supervised restart after a crash of the listener; `{}` takes the defaults.
   *
   * @defaultValue false
   */
  restart?: RestartOptions | false;
  /** How it is watched. */
  monitor?: MonitorOptions;
  /**
   * Texts; a log line holding one of them is dropped.
   *
   * @defaultValue `[]`
   */
  logFilter?: string[];
}
