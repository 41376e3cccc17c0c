import 'reflect-metadata';
import { IsHttpUrl, IsListenAddress, IsNetworks } from './rules/address.rules.js';
import { HTTP2_RANGES } from './defaults.js';
import type { Duration } from './duration.js';
import { IsDuration } from './rules/duration.rules.js';
import { MonitorConfig } from './options/monitor.js';
import { IsNested } from './rules/nested.rules.js';
import { RestartConfig } from './options/restart.js';
import type { ProxyProtocolMode, ServerOptions, ServerProtocol } from './server.options.js';
import { ShutdownConfig } from './options/shutdown.js';
import { TlsConfig } from './options/tls.js';
import { IsFlag, IsOneOf, IsText, IsTexts, IsWhole, type WholeRange } from './rules/value.rules.js';

const LIMIT = { min: 0 };
// A name stands in log lines and error messages.
const NAME = /^(?=.*\S)[^\p{Cc}\p{Zl}\p{Zp}]{1,255}$/u;

/**
 * {@link ServerOptions} with its rules as class-validator decorators, to extend or to nest in the
 * config of an application (`@ValidateNested({ each: true }) @Type(() => ServerConfig)`).
 */
export class ServerConfig implements ServerOptions {
  @IsText({ required: true, match: NAME, give: 'the name of the server, one line of text' })
  name!: string;

  @IsListenAddress()
  listen!: string;

  @IsHttpUrl()
  expose?: string;

  @IsText({ empty: true, give: 'the key of a handler' })
  handlerKey?: string;

  @IsFlag()
  disabled?: boolean;

  @IsFlag()
  tlsMandatory?: boolean;

  @IsNested(() => TlsConfig, { give: 'an object with the TLS options' })
  tls?: TlsConfig;

  @IsOneOf(['http1', 'http2'])
  protocol?: ServerProtocol;

  @IsDuration()
  readTimeout?: Duration;

  @IsDuration()
  readHeaderTimeout?: Duration;

  @IsDuration()
  writeTimeout?: Duration;

  @IsDuration()
  idleTimeout?: Duration;

  @IsDuration()
  handshakeTimeout?: Duration;

  @IsWhole(LIMIT)
  maxHeaderBytes?: number;

  @IsWhole(LIMIT)
  maxConnections?: number;

  @IsWhole(LIMIT)
  maxHandlers?: number;

  @IsWhole(within('maxConcurrentStreams'))
  maxConcurrentStreams?: number;

  @IsWhole(within('maxReadFrameSize'))
  maxReadFrameSize?: number;

  @IsWhole(within('maxUploadBufferPerConnection'))
  maxUploadBufferPerConnection?: number;

  @IsWhole(within('maxUploadBufferPerStream'))
  maxUploadBufferPerStream?: number;

  @IsFlag()
  permitProhibitedCipherSuites?: boolean;

  @IsFlag()
  disableKeepAlive?: boolean;

  @IsOneOf(['off', 'optional', 'required'])
  proxyProtocol?: ProxyProtocolMode;

  @IsNetworks()
  trustedProxies?: string[];

  @IsNested(() => ShutdownConfig, { give: 'an object { delay, timeout, last }' })
  shutdown?: ShutdownConfig;

  @IsNested(() => RestartConfig, {
    orFalse: true,
    give: 'false, or an object { retries, delay, maxDelay }',
  })
  restart?: RestartConfig | false;

  @IsNested(() => MonitorConfig, { give: 'an object with the options of the monitor' })
  monitor?: MonitorConfig;

  @IsTexts({ of: 'a text that is part of a log line' })
  logFilter?: string[];
}

function within(setting: keyof typeof HTTP2_RANGES): WholeRange {
  const [min, max] = HTTP2_RANGES[setting];
  return { min, max };
}
