import type { BindAddress } from './address/bind-address.js';
import type { ServerConfig } from './server.config.js';
import type { ProxyProtocolMode, ServerProtocol } from './server.options.js';
import type { TlsOptions } from './tls.options.js';

/** Timeouts in ms; 0 is off. */
export interface TimeoutSettings {
  readonly readMs: number;
  /** Never above `readMs`, which Node refuses. */
  readonly readHeaderMs: number;
  readonly writeMs: number;
  readonly idleMs: number;
  readonly handshakeMs: number;
}

/** Limits; undefined is none, and for `maxHeaderBytes` Node's own. */
export interface LimitSettings {
  readonly maxHeaderBytes?: number;
  readonly maxConnections?: number;
  readonly maxHandlers?: number;
}

/** The settings of HTTP/2. */
export interface Http2Settings {
  readonly maxConcurrentStreams: number;
  readonly maxReadFrameSize: number;
  readonly maxUploadBufferPerConnection: number;
  readonly maxUploadBufferPerStream: number;
  readonly permitProhibitedCipherSuites: boolean;
}

/** The PROXY protocol. */
export interface ProxyProtocolSettings {
  readonly mode: ProxyProtocolMode;
  readonly trustedProxies: readonly string[];
}

/** How a server stops. */
export interface ShutdownSettings {
  readonly delayMs: number;
  readonly timeoutMs: number;
  readonly last: boolean;
}

/** The supervised restart. */
export interface RestartSettings {
  readonly retries: number;
  readonly delayMs: number;
  readonly maxDelayMs: number;
}

/** How a server is watched. */
export interface MonitorSettings {
  /** Whether the config has a `monitor` of its own. */
  readonly configured: boolean;
  readonly name?: string;
  readonly checkTimeoutMs: number;
  readonly intervalCheckMs: number;
  readonly intervalFallMs: number;
  readonly intervalRiseMs: number;
  readonly fallCountKO: number;
  readonly fallCountWarn: number;
  readonly riseCountKO: number;
  readonly riseCountWarn: number;
  readonly path?: string;
  readonly data?: unknown;
}

/** What servers may well have in common: all but name and addresses. */
export interface CommonSettings {
  /** `''` for none and for `'default'`. */
  readonly handlerKey: string;
  readonly disabled: boolean;
  readonly tlsMandatory: boolean;
  /** Frozen. */
  readonly tls?: TlsOptions;
  readonly protocol: ServerProtocol;
  readonly timeouts: TimeoutSettings;
  readonly limits: LimitSettings;
  readonly http2: Http2Settings;
  readonly disableKeepAlive: boolean;
  readonly proxyProtocol: ProxyProtocolSettings;
  readonly shutdown: ShutdownSettings;
  /** Undefined: off. */
  readonly restart?: RestartSettings;
  readonly monitor: MonitorSettings;
  readonly logFilter: readonly string[];
}

/**
 * A valid config, resolved: defaults filled in, units plain, deeply frozen. What it has in common
 * with other servers is one object for all of them, so that a thousand of them are small.
 */
export class ServerSettings implements CommonSettings {
  constructor(
    /** What was given, in the user's spellings and without defaults; reads back to the same. */
    readonly options: Readonly<ServerConfig>,
    readonly bind: BindAddress,
    readonly common: CommonSettings,
  ) {
    Object.freeze(this);
  }

  get name(): string {
    return this.options.name;
  }

  /** The URL as given, normalised; undefined: made from the bind address and TLS. */
  get expose(): string | undefined {
    const { expose } = this.options;
    return expose === undefined ? undefined : new URL(expose).href;
  }

  get handlerKey(): string {
    return this.common.handlerKey;
  }

  get disabled(): boolean {
    return this.common.disabled;
  }

  get tlsMandatory(): boolean {
    return this.common.tlsMandatory;
  }

  get tls(): TlsOptions | undefined {
    return this.common.tls;
  }

  get protocol(): ServerProtocol {
    return this.common.protocol;
  }

  get timeouts(): TimeoutSettings {
    return this.common.timeouts;
  }

  get limits(): LimitSettings {
    return this.common.limits;
  }

  get http2(): Http2Settings {
    return this.common.http2;
  }

  get disableKeepAlive(): boolean {
    return this.common.disableKeepAlive;
  }

  get proxyProtocol(): ProxyProtocolSettings {
    return this.common.proxyProtocol;
  }

  get shutdown(): ShutdownSettings {
    return this.common.shutdown;
  }

  get restart(): RestartSettings | undefined {
    return this.common.restart;
  }

  get monitor(): MonitorSettings {
    return this.common.monitor;
  }

  get logFilter(): readonly string[] {
    return this.common.logFilter;
  }
}
