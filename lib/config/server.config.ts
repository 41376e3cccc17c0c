import 'reflect-metadata';
import type { FieldsOf } from './fields-of.js';
import { Http2Config } from './options/http2.js';
import { KeepAliveConfig } from './options/keep-alive.js';
import { LimitConfig } from './options/limits.js';
import { isPlainRate, MinRateConfig } from './options/min-rate.js';
import { MonitorConfig } from './options/monitor.js';
import { OverloadConfig } from './options/overload.js';
import { ProxyProtocolConfig } from './options/proxy-protocol.js';
import { RedirectConfig } from './options/redirect.js';
import { RestartConfig } from './options/restart.js';
import { ShutdownConfig } from './options/shutdown.js';
import { TimeoutConfig } from './options/timeouts.js';
import { TlsConfig } from './options/tls.js';
import { IsHttpUrl, IsListenAddress } from './rules/address.rules.js';
import { mixed } from './rules/mixed.js';
import { IsNested, objectOf } from './rules/nested.rules.js';
import { IsFlag, IsOneOf, IsText, IsTexts } from './rules/value.rules.js';

// A name stands in log lines and error messages.
const NAME = /^(?=.*\S)[^\p{Cc}\p{Zl}\p{Zp}]{1,255}$/u;

/** The protocol of a server; `'http2'` on TLS falls back to HTTP/1.1 for clients without it. */
export type ServerProtocol = 'http1' | 'http2';

const giveRate = (): string => `a whole number of bytes a second, or ${objectOf(MinRateConfig)}`;

/** The groups of fields that stand flat in a config. */
const FlatGroups = mixed(
  TimeoutConfig,
  KeepAliveConfig,
  LimitConfig,
  Http2Config,
  ProxyProtocolConfig,
  RedirectConfig,
);

/**
 * The config of one server, with its rules as class-validator decorators: to give as it is, to extend
 * or to nest in the config of an application
 * (`@ValidateNested({ each: true }) @Type(() => ServerConfig)`).
 */
export class ServerConfig extends FlatGroups {
  /** The name, unique in the pool. */
  @IsText({ required: true, match: NAME, give: 'the name of the server, one line of text' })
  name!: string;

  /**
   * Where it listens: `host:port`, `:port` (every address, IPv6 and IPv4), `[v6]:port`,
   * `unix:/path.sock`, `fd:3`, or `fd:NAME` (of systemd's `LISTEN_FDNAMES`). Port, 0 to 65535; 0 lets the system choose.
   */
  @IsListenAddress()
  listen!: string;

  /**
   * The public address, an http or https URL.
   *
   * @defaultValue made from `listen` and TLS
   */
  @IsHttpUrl()
  expose?: string | undefined;

  /**
   * Which handler of the registry serves it.
   *
   * @defaultValue `''`, the same as `'default'`
   */
  @IsText({ empty: true, give: 'the key of a handler' })
  handlerKey?: string | undefined;

  /**
   * Whether it is kept without ever being started.
   *
   * @defaultValue false
   */
  @IsFlag()
  disabled?: boolean | undefined;

  /**
   * Whether it refuses to start without a usable certificate.
   *
   * @defaultValue false
   */
  @IsFlag()
  tlsMandatory?: boolean | undefined;

  /**
   * TLS.
   *
   * @defaultValue none
   */
  @IsNested(() => TlsConfig, { give: 'an object with the TLS options', secret: true })
  tls?: TlsConfig | undefined;

  /**
   * The protocol: `'http2'` on TLS means ALPN with HTTP/1.1 as the fallback, without TLS it means
   * h2c by prior knowledge.
   *
   * @defaultValue `'http1'`
   * @see https://www.rfc-editor.org/rfc/rfc9113#name-starting-http-2
   */
  @IsOneOf(['http1', 'http2'])
  protocol?: ServerProtocol | undefined;

  /**
   * When it turns requests away because the event loop is late; other servers are not touched.
   *
   * @defaultValue none
   */
  @IsNested(() => OverloadConfig, { give: "an object such as { eventLoopDelay: '200ms' }" })
  overload?: OverloadConfig | undefined;

  /**
   * The least that the body of a request must be sent at, in bytes a second, or with a grace. A client that is
   * slower for longer than the grace is answered 408, or cut where an answer was begun. Time in which
   * the handler does not read is not counted, and an upgraded connection is free of it.
   *
   * @defaultValue none
   * @see https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/options#minimum-request-body-data-rate
   */
  @IsNested(() => MinRateConfig, { or: isPlainRate, give: giveRate })
  minRequestRate?: number | MinRateConfig | undefined;

  /**
   * The same for how an answer is read: only time in which bytes wait for the client is counted. The system keeps
   * up to some megabytes of an answer, and tells only now and then how much is gone: hence three
   * seconds at the least are looked at, whatever the grace.
   *
   * @defaultValue none
   */
  @IsNested(() => MinRateConfig, { or: isPlainRate, give: giveRate })
  minResponseRate?: number | MinRateConfig | undefined;

  /** How it stops. */
  @IsNested(() => ShutdownConfig, { give: () => objectOf(ShutdownConfig) })
  shutdown?: ShutdownConfig | undefined;

  /**
   * The supervised restart after a crash of the listener; `{}` takes the defaults.
   *
   * @defaultValue false
   */
  @IsNested(() => RestartConfig, {
    or: (value) => value === false,
    give: () => `false, or ${objectOf(RestartConfig)}`,
  })
  restart?: RestartConfig | false | undefined;

  /** How it is watched. */
  @IsNested(() => MonitorConfig, { give: 'an object with the options of the monitor' })
  monitor?: MonitorConfig | undefined;

  /**
   * Texts; a log line holding one of them is dropped.
   *
   * @defaultValue `[]`
   */
  @IsTexts({ of: 'a text that is part of a log line' })
  logFilter?: readonly string[] | undefined;
}

/** The config of one server: the fields of {@link ServerConfig}, as a plain object or an instance. */
export type ServerOptions = FieldsOf<ServerConfig>;
