import { isDeepStrictEqual } from 'node:util';
import { BindAddress } from './address/bind-address.js';
import { handlerKeyOf } from './handler-key.js';
import { resolveHttp2, type Http2Settings } from './options/http2.js';
import { resolveKeepAlive, type KeepAliveSettings } from './options/keep-alive.js';
import { resolveLimits, type LimitSettings } from './options/limits.js';
import { resolveRates, type RateSettings } from './options/min-rate.js';
import { resolveMonitor, type MonitorSettings } from './options/monitor.js';
import { resolveOverload, type OverloadSettings } from './options/overload.js';
import { resolveProxyProtocol, type ProxyProtocolSettings } from './options/proxy-protocol.js';
import { resolveRedirect, type RedirectSettings } from './options/redirect.js';
import { resolveSupervision, type SupervisionSettings } from './options/restart.js';
import { resolveShutdown, type ShutdownSettings } from './options/shutdown.js';
import { resolveTimeouts, type TimeoutSettings } from './options/timeouts.js';
import { comparableTls, type TlsOptions } from './options/tls.js';
import type { ServerConfig, ServerProtocol } from './server.config.js';

const NO_TEXTS: readonly string[] = Object.freeze([]);

/** A valid config, resolved: defaults filled in, units plain, deeply frozen. */
export interface ServerSettings {
  /** What was given, in the user's spellings and without defaults; reads back to the same. */
  readonly options: Readonly<ServerConfig>;
  readonly name: string;
  readonly bind: BindAddress;
  /** The URL as given, normalised; undefined: made from the bind address and TLS. */
  readonly expose: string | undefined;
  /** `''` for none and for `'default'`. */
  readonly handlerKey: string;
  /** Undefined: it serves. */
  readonly redirectTo: RedirectSettings | undefined;
  readonly disabled: boolean;
  readonly tlsMandatory: boolean;
  readonly tls: TlsOptions | undefined;
  readonly protocol: ServerProtocol;
  readonly timeouts: TimeoutSettings;
  readonly limits: LimitSettings;
  readonly http2: Http2Settings;
  readonly keepAlive: KeepAliveSettings;
  /** Undefined: none. */
  readonly overload: OverloadSettings | undefined;
  readonly rates: RateSettings;
  readonly proxyProtocol: ProxyProtocolSettings;
  readonly shutdown: ShutdownSettings;
  /** Undefined: off. */
  readonly supervision: SupervisionSettings | undefined;
  readonly monitor: MonitorSettings;
  readonly logFilter: readonly string[];
}

/** Makes other settings of those of a server, which it leaves as they are; the same ones where there is nothing to do. */
export type SettingsRewrite = (settings: ServerSettings) => ServerSettings;

/** How errors name the server of a config. */
export function errorDetailsOf({ name, bind }: Pick<ServerSettings, 'name' | 'bind'>): {
  server: string;
  bind: string;
} {
  return { server: name, bind: bind.canonical };
}

/** Fills in the defaults of a valid, frozen config. */
export function resolveSettings(options: ServerConfig): ServerSettings {
  const { expose, restart } = options;
  return Object.freeze({
    options,
    name: options.name,
    bind: BindAddress.parse(options.listen),
    expose: expose === undefined ? undefined : new URL(expose).href,
    handlerKey: handlerKeyOf(options.handlerKey),
    redirectTo: resolveRedirect(options),
    disabled: options.disabled ?? false,
    tlsMandatory: options.tlsMandatory ?? false,
    tls: options.tls,
    protocol: options.protocol ?? 'http1',
    timeouts: resolveTimeouts(options),
    limits: resolveLimits(options),
    http2: resolveHttp2(options),
    keepAlive: resolveKeepAlive(options),
    overload: resolveOverload(options.overload),
    rates: resolveRates(options),
    proxyProtocol: resolveProxyProtocol(options),
    shutdown: resolveShutdown(options.shutdown),
    supervision: restart ? resolveSupervision(restart) : undefined,
    monitor: resolveMonitor(options.monitor),
    logFilter: options.logFilter ?? NO_TEXTS,
  });
}

/**
 * The fields in which two servers differ, by value: `'30s'` is 30000, and a default that is written
 * out is the same as one that is left out. `options` is not compared.
 */
export function diffSettings(a: ServerSettings, b: ServerSettings): string[] {
  const fields = Object.keys(a) as (keyof ServerSettings)[];
  return fields.filter((field) => {
    if (field === 'options' || a[field] === b[field]) return false;
    return !isDeepStrictEqual(comparable(a, field), comparable(b, field));
  });
}

function comparable(settings: ServerSettings, field: keyof ServerSettings): unknown {
  if (field === 'bind') return settings.bind.canonical;
  if (field === 'tls') return settings.tls && comparableTls(settings.tls);
  return settings[field];
}
