import type { IncomingMessage } from 'node:http';
import type { ServerSettings } from '../../config/server-settings.js';
import { missingHandler, type Handler } from '../../handler/handler.js';
import { redirectHandler } from '../../handler/redirect-handler.js';
import type { ServerHandlers } from '../../handler/server-handlers.js';
import type { DefaultTls } from '../../tls/default-tls.js';
import { isCurrent } from '../../tls/read-tls.js';
import type { TlsMaterial } from '../../tls/tls-material.js';
import type { Listener } from '../listener/listener.js';
import type { ServerEvents, SocketKind } from '../transport/events/server-events.js';
import { ForeignListeners } from '../transport/foreign-listeners.js';
import { RequestLimits } from '../transport/limits/request-limits.js';
import type { TransportSpec } from '../transport/transport.js';
import type { OnWrongProtocol } from '../transport/wrong-protocol.js';
import type { Endpoint, EndpointHost } from './endpoint.js';
import { kindsOf, noCounts, type EndpointCounts } from './endpoint-counts.js';
import { Observers } from './observers.js';
import type { RuntimeHost } from './runtime-host.js';

/** What serves with a handler. */
type Served = Pick<Endpoint, 'setHandler'>;

const noneStaged: readonly Served[] = [];

/** What a server serves with at the moment, the endpoint among it while it serves, and what its transports ask of it. */
export abstract class Serving implements EndpointHost {
  protected endpoint: Endpoint | undefined;
  /** Made when the config sets such a limit: then it stays, for it counts what runs. */
  private requestLimits: RequestLimits | undefined;
  private foreignListeners: ForeignListeners | undefined;
  private readonly observers: Observers;
  private nowMaterial: TlsMaterial | undefined;
  /** What is bound, or made, for a change that is not in force yet. */
  private staged = noneStaged;

  /** @param listenerDied Told when the bound socket is of no use any more */
  constructor(
    private nowSettings: ServerSettings,
    private nowHandlers: ServerHandlers,
    readonly defaultTls: DefaultTls | undefined,
    private readonly host: RuntimeHost,
    readonly listenerDied: (error: Error) => void,
  ) {
    this.observers = new Observers(host);
  }

  get settings(): ServerSettings {
    return this.nowSettings;
  }

  get handlers(): ServerHandlers {
    return this.nowHandlers;
  }

  get limits(): RequestLimits | undefined {
    return this.requestLimits;
  }

  get foreign(): ForeignListeners {
    return (this.foreignListeners ??= new ForeignListeners());
  }

  get events(): ServerEvents | undefined {
    return this.observers.events;
  }

  /** Tells an observer what happens from now on, until the returned function is called. */
  observe(observer: ServerEvents): () => void {
    return this.observers.add(observer);
  }

  wrongProtocol(...spoken: Parameters<OnWrongProtocol>): void {
    this.host.wrongProtocol(...spoken);
  }

  get owner(): unknown {
    return this.host.owner;
  }

  handlerFailed(error: unknown, request: IncomingMessage): void {
    this.host.handlerFailed(error, request);
  }

  requestsCut(requests: readonly string[]): void {
    this.host.requestsCut(requests);
  }

  /** What it serves TLS with while it serves; undefined: plain HTTP. */
  get material(): TlsMaterial | undefined {
    return this.endpoint === undefined ? undefined : this.nowMaterial;
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
    this.nowHandlers = handlers;
    this.refreshHandler();
  }

  /**
   * Transports take up what the registry says now, those too that are staged and may serve already. What
   * can't be served answers 500: a registry is shared, and one server that can't use it must not keep
   * it from the others.
   */
  refreshHandler(): void {
    const served = this.endpoint ? [this.endpoint, ...this.staged] : this.staged;
    if (served.length === 0) return;
    let handler = missingHandler;
    try {
      handler = this.handlerFor(this.settings);
    } catch (error) {
      this.host.handlerRefused(error as Error);
    }
    for (const each of served) each.setHandler(handler);
  }

  protected handlerFor(settings: ServerSettings): Handler {
    const { redirectTo } = settings;
    if (redirectTo === undefined) return this.handlers.serving(settings);
    return redirectHandler(() => redirectTo.origin ?? this.host.redirectOrigin(redirectTo.server));
  }

  /** It takes up new handlers from now on, though it is not in force yet. */
  protected keepStaged(served: Served): void {
    this.staged = [...this.staged, served];
  }

  /** It is in force, or was discarded. Handlers that came meanwhile hold, and not those it was staged with. */
  protected settle(served: Served | undefined): void {
    if (served) this.staged = this.staged.filter((each) => each !== served);
    this.refreshHandler();
  }

  /** A config that is not served, for the server does not run. */
  protected adoptSettings(settings: ServerSettings): void {
    this.nowSettings = settings;
  }

  protected adoptMaterial(material: TlsMaterial | undefined): void {
    this.nowMaterial = material;
  }

  /** A config, and what it is served with. */
  protected adopt({ settings, material }: TransportSpec): void {
    this.adoptSettings(settings);
    this.adoptMaterial(material);
    if (this.requestLimits || RequestLimits.areSet(settings)) {
      this.requestLimits ??= new RequestLimits((...slow) => this.host.clientWasSlow(...slow));
      this.requestLimits.configure(settings);
      this.requestLimits.keepWatch({ isRunning: true });
    }
  }
}
