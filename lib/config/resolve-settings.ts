import { BindAddress } from './address/bind-address.js';
import {
  HTTP2_DEFAULTS,
  MONITOR_DEFAULTS,
  RESTART_DEFAULTS,
  SHUTDOWN_DEFAULTS,
  TIMEOUT_DEFAULTS,
} from './defaults.js';
import { parseDuration, type Duration } from './duration.js';
import type { MonitorConfig } from './options/monitor.js';
import type { RestartConfig } from './options/restart.js';
import type { ServerConfig } from './server.config.js';
import type { ShutdownConfig } from './options/shutdown.js';
import {
  ServerSettings,
  type Http2Settings,
  type LimitSettings,
  type MonitorSettings,
  type ProxyProtocolSettings,
  type RestartSettings,
  type ShutdownSettings,
  type TimeoutSettings,
} from './server-settings.js';

const NO_TEXTS: readonly string[] = Object.freeze([]);

/** Fills in the defaults of a valid, frozen config. */
export function resolveSettings(options: ServerConfig): ServerSettings {
  const { handlerKey = '' } = options;
  const common = shared('common', {
    handlerKey: handlerKey === 'default' ? '' : handlerKey,
    disabled: options.disabled ?? false,
    tlsMandatory: options.tlsMandatory ?? false,
    tls: options.tls,
    protocol: options.protocol ?? 'http1',
    timeouts: resolveTimeouts(options),
    limits: resolveLimits(options),
    http2: resolveHttp2(options),
    disableKeepAlive: options.disableKeepAlive ?? false,
    proxyProtocol: resolveProxyProtocol(options),
    shutdown: resolveShutdown(options.shutdown),
    restart: options.restart ? resolveRestart(options.restart) : undefined,
    monitor: resolveMonitor(options.monitor),
    logFilter: options.logFilter ?? NO_TEXTS,
  });
  return new ServerSettings(options, BindAddress.parse(options.listen), common);
}

function resolveProxyProtocol(options: ServerConfig): ProxyProtocolSettings {
  return shared('proxyProtocol', {
    mode: options.proxyProtocol ?? 'off',
    trustedProxies: options.trustedProxies ?? NO_TEXTS,
  });
}

function resolveShutdown(shutdown: ShutdownConfig | undefined): ShutdownSettings {
  return shared('shutdown', {
    delayMs: ms(shutdown?.delay, SHUTDOWN_DEFAULTS.delayMs),
    timeoutMs: ms(shutdown?.timeout, SHUTDOWN_DEFAULTS.timeoutMs),
    last: shutdown?.last ?? SHUTDOWN_DEFAULTS.last,
  });
}

function resolveTimeouts(options: ServerConfig): TimeoutSettings {
  const readMs = ms(options.readTimeout, TIMEOUT_DEFAULTS.readMs);
  const readHeaderMs = ms(options.readHeaderTimeout, TIMEOUT_DEFAULTS.readHeaderMs);
  return shared('timeouts', {
    readMs,
    readHeaderMs: readMs > 0 ? Math.min(readHeaderMs, readMs) : readHeaderMs,
    writeMs: ms(options.writeTimeout, TIMEOUT_DEFAULTS.writeMs),
    idleMs: ms(options.idleTimeout, TIMEOUT_DEFAULTS.idleMs),
    handshakeMs: ms(options.handshakeTimeout, TIMEOUT_DEFAULTS.handshakeMs),
  });
}

/** A limit of 0 is none, as in the original. */
function resolveLimits(options: ServerConfig): LimitSettings {
  return shared('limits', {
    maxHeaderBytes: options.maxHeaderBytes || undefined,
    maxConnections: options.maxConnections || undefined,
    maxHandlers: options.maxHandlers || undefined,
  });
}

function resolveHttp2(options: ServerConfig): Http2Settings {
  const own = HTTP2_DEFAULTS;
  return shared('http2', {
    maxConcurrentStreams: options.maxConcurrentStreams ?? own.maxConcurrentStreams,
    maxReadFrameSize: options.maxReadFrameSize ?? own.maxReadFrameSize,
    maxUploadBufferPerConnection:
      options.maxUploadBufferPerConnection ?? own.maxUploadBufferPerConnection,
    maxUploadBufferPerStream: options.maxUploadBufferPerStream ?? own.maxUploadBufferPerStream,
    permitProhibitedCipherSuites:
      options.permitProhibitedCipherSuites ?? own.permitProhibitedCipherSuites,
  });
}

function resolveRestart(restart: RestartConfig): RestartSettings {
  const delayMs = ms(restart.delay, RESTART_DEFAULTS.delayMs);
  return shared('restart', {
    retries: restart.retries ?? RESTART_DEFAULTS.retries,
    delayMs:
      restart.delay === undefined ? Math.min(delayMs, ms(restart.maxDelay, delayMs)) : delayMs,
    maxDelayMs: ms(restart.maxDelay, Math.max(delayMs, RESTART_DEFAULTS.maxDelayMs)),
  });
}

function resolveMonitor(monitor: MonitorConfig | undefined): MonitorSettings {
  const { checkTimeout, intervalCheck, intervalFall, intervalRise, ...rest } = monitor ?? {};
  return shared('monitor', {
    ...MONITOR_DEFAULTS,
    ...rest,
    configured: monitor !== undefined,
    checkTimeoutMs: ms(checkTimeout, MONITOR_DEFAULTS.checkTimeoutMs),
    intervalCheckMs: ms(intervalCheck, MONITOR_DEFAULTS.intervalCheckMs),
    intervalFallMs: ms(intervalFall, MONITOR_DEFAULTS.intervalFallMs),
    intervalRiseMs: ms(intervalRise, MONITOR_DEFAULTS.intervalRiseMs),
  });
}

const newest = new Map<string, object>();

/**
 * Most servers of a pool have the same settings but for name and address: equal groups that follow
 * each other are one object.
 */
function shared<T extends object>(group: string, values: T): Readonly<T> {
  const known = newest.get(group) as T | undefined;
  if (known && isSame(known, values)) return known;
  newest.set(group, Object.freeze(values));
  return values;
}

function isSame<T extends object>(a: T, b: T): boolean {
  const keys = Object.keys(a) as (keyof T)[];
  return keys.length === Object.keys(b).length && keys.every((key) => Object.is(a[key], b[key]));
}

function ms(value: Duration | undefined, otherwise: number): number {
  return parseDuration(value) ?? otherwise;
}
