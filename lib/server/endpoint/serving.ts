import type { HostAndPort } from '../../config/address/bound-address.js';
import type { ServerSettings } from '../../config/server-settings.js';
import { missingHandler, type Handler } from '../../handler/handler.js';
import { redirectHandler } from '../../handler/redirect-handler.js';
import type { ServerHandlers } from '../../handler/server-handlers.js';
import type { DefaultTls } from '../../tls/default-tls.js';
import { isCurrent } from '../../tls/read-tls.js';
import type { TlsMaterial } from '../../tls/tls-material.js';
import type { Listener } from '../listener/listener.js';
import type { Connection } from '../transport/connection/connection.js';
import type { SocketKind } from '../transport/events/server-events.js';
import type { InnerServer } from '../transport/inner-server.js';
import { Transport, type TransportSpec } from '../transport/transport.js';
import type { Endpoint } from './endpoint.js';
import { kindsOf, noCounts, type EndpointCounts } from './endpoint-counts.js';
import { LastingHost } from './lasting-host.js';
import type { RuntimeHost } from './runtime-host.js';

/** What serves with a handler. */
type Served = Endpoint | Transport;

/** What a server serves with at the moment, the endpoint among it while it serves. */
export abstract class Serving extends LastingHost {
  protected endpoint: Endpoint | undefined;
  private currentMaterial: TlsMaterial | undefined;
  /** What is bound, or made, for a change that is not in force yet: one at a time. */
  private staged: Served | undefined;
  /** How often the handlers may have changed: by it who is made for a change knows whether its own still hold. */
  private handlerChanges = 0;

  constructor(
    private currentSettings: ServerSettings,
    private currentHandlers: ServerHandlers,
    readonly defaultTls: DefaultTls | undefined,
    host: RuntimeHost,
  ) {
    super(host);
  }

  get settings(): ServerSettings {
    return this.currentSettings;
  }

  get handlers(): ServerHandlers {
    return this.currentHandlers;
  }

  /** What it serves TLS with while it serves; undefined: plain HTTP. */
  get material(): TlsMaterial | undefined {
    return this.endpoint === undefined ? undefined : this.currentMaterial;
  }

  /** Whether its files hold what it serves with; one that serves without TLS needs none. */
  get hasCurrentTls(): boolean {
    const { tls } = this.settings;
    if (tls === undefined) return true;
    return this.material !== undefined && isCurrent(this.material, tls, this.defaultTls);
  }

  get bound(): Listener | undefined {
    const listener = this.endpoint?.listener;
    return listener?.listening ? listener : undefined;
  }

  /** What it serves on, though it may have died. */
  get listener(): Listener | undefined {
    return this.endpoint?.listener;
  }

  /** Whether it has connections, or could get some. */
  get isOpen(): boolean {
    return this.endpoint !== undefined;
  }

  /**
   * The address that is given up for a change that is not in force yet, and bound again if it is discarded. Whoever is to
   * have it serves there, or is about to.
   */
  get vacated(): HostAndPort | undefined {
    const { listener } = this;
    if (listener === undefined || listener.listening || listener.died) return undefined;
    const { host, port } = listener.bind;
    return host === undefined || port === undefined ? undefined : { host, port };
  }

  get secure(): boolean | undefined {
    return this.endpoint?.secure;
  }

  counts(): EndpointCounts {
    return this.endpoint?.counts() ?? noCounts;
  }

  /** Open connections by what they are now. */
  connectionsByKind(): Record<SocketKind, number> {
    return this.endpoint?.byKind() ?? kindsOf([]);
  }

  /** Serves from these from the next request on. */
  setHandlers(handlers: ServerHandlers): void {
    this.currentHandlers = handlers;
    this.refreshHandler();
  }

  /**
   * Transports take up what the registry says now, those too that are staged and may serve already. What
   * can't be served answers 500: a registry is shared, and one server that can't use it must not keep
   * it from the others.
   */
  refreshHandler(): void {
    this.handlerChanges += 1;
    const { endpoint, staged } = this;
    if (endpoint === undefined && staged === undefined) return;
    let handler = missingHandler;
    try {
      handler = this.handlerFor(this.settings);
    } catch (error) {
      this.host.handlerRefused(error as Error);
    }
    endpoint?.setHandler(handler);
    staged?.setHandler(handler);
  }

  protected handlerFor(settings: ServerSettings): Handler {
    const { redirectTo } = settings;
    if (redirectTo === undefined) return this.handlers.serving(settings);
    return redirectHandler(() => redirectTo.origin ?? this.host.redirectOrigin(redirectTo.server));
  }

  /** Takes other settings where nothing is bound by those it has; false: something is. */
  takeUnserved(settings: ServerSettings): boolean {
    if (this.isOpen || this.staged !== undefined) return false;
    this.adoptSettings(settings);
    return true;
  }

  /** It takes up new handlers from now on, though it is not in force yet. */
  protected keepStaged(served: Served): void {
    this.staged = served;
  }

  /** It is in force, or was discarded. Handlers that came meanwhile hold, and not those it was staged with. */
  protected settle(served: Served | undefined): void {
    this.unstage(served);
    this.refreshHandler();
  }

  protected unstage(served: Served | undefined): void {
    if (this.staged === served) this.staged = undefined;
  }

  protected get handlersAt(): number {
    return this.handlerChanges;
  }

  /** Of all its transports, those too that are staged. */
  protected inners(): InnerServer[] {
    const transports = [...transportsOf(this.endpoint), ...transportsOf(this.staged)];
    return transports.flatMap(({ inner }) => inner ?? []);
  }

  protected connections(): Connection[] {
    return transportsOf(this.endpoint).flatMap(({ connections }) => [...connections]);
  }

  /** A config that is not served, for the server does not run. */
  protected adoptSettings(settings: ServerSettings): void {
    this.currentSettings = settings;
  }

  protected adoptMaterial(material: TlsMaterial | undefined): void {
    this.currentMaterial = material;
  }

  /** A config, and what it is served with. */
  protected adopt({ settings, material }: TransportSpec): void {
    this.adoptSettings(settings);
    this.adoptMaterial(material);
    this.setLimits(settings);
  }
}

function transportsOf(served: Served | undefined): readonly Transport[] {
  return served instanceof Transport ? [served] : (served?.transports ?? []);
}
