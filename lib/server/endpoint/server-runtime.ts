import type { IncomingMessage } from 'node:http';
import type { ServerSettings } from '../../config/server-settings.js';
import { missingHandler, type Handler } from '../../handler/handler.js';
import { redirectHandler } from '../../handler/redirect-handler.js';
import type { TlsMaterial } from '../../tls/tls-material.js';
import type { DefaultTls } from '../../tls/default-tls.js';
import { bindNext, type BindNextOptions } from '../listener/bind-next.js';
import { changeKind, type ChangeKind } from './change-kind.js';
import type { DrainOutcome } from '../drain/drain.js';
import type { Grace } from '../drain/grace.js';
import type { LazyAbort } from '../drain/lazy-abort.js';
import { Endpoint, type EndpointCounts, type EndpointHost } from './endpoint.js';
import type { Listener, ListenerOwner } from '../listener/listener.js';
import { Observers } from './observers.js';
import { ForeignListeners } from '../transport/foreign-listeners.js';
import { RequestLimits } from '../transport/limits/request-limits.js';
import type { OnSlowClient } from '../transport/limits/slow-clients.js';
import type { OnWrongProtocol } from '../transport/wrong-protocol.js';
import type { ServerEvents, SocketKind } from '../transport/events/server-events.js';
import type { ServerHandlers } from '../../handler/server-handlers.js';
import { isCurrent, readTls, saysTls } from '../../tls/read-tls.js';
import type { Transport, TransportSpec } from '../transport/transport.js';
import { unlessAborted } from '../drain/unless-aborted.js';

/** A change that is ready: nothing in {@link commit} can fail. */
export interface StagedChange {
  readonly kind: ChangeKind;
  /** Puts the change in force at once; resolves when an address it leaves is free. */
  commit(): Promise<void>;
  /** Takes back what the staging bound or made. */
  discard(): Promise<void>;
}

export interface StageOptions {
  /** Bound listeners that other servers leave when the change is in force. */
  readonly vacated?: readonly Listener[];
  /** Start a server that does not run. */
  readonly start?: boolean;
  /** Gives the staging up. */
  readonly signal?: AbortSignal;
  /** Gives it up where it waits for a default TLS. */
  readonly interruption?: LazyAbort;
}

/** Whom a runtime serves for. */
export interface RuntimeHost {
  /** Told to every connection, so that a request finds the server that accepted it. */
  readonly owner: unknown;
  /** A handler threw, or its promise rejected. */
  handlerFailed(error: unknown, request: IncomingMessage): void;
  /** The grace ran out before these were answered: method and path of each. */
  requestsCut(requests: readonly string[]): void;
  /** A client was cut that sent a request, or read an answer, too slowly. */
  clientWasSlow: OnSlowClient;
  /** A client spoke another protocol than the server does. */
  wrongProtocol: OnWrongProtocol;
  /** An observer threw. */
  observerFailed(error: unknown): void;
  /** The origin of the server of this name; undefined: there is none now. */
  redirectOrigin(server: string): string | undefined;
  /** The handlers changed to something that can't be served. */
  handlerRefused(error: Error): void;
}

/** What serves with a handler. */
type Served = Pick<Endpoint, 'setHandler'>;

/** What a server serves with, and the endpoint while it serves. Knows no states and no queue. */
export class ServerRuntime implements EndpointHost {
  /** Made when the config sets such a limit: then it stays, for it counts what runs. */
  private requestLimits: RequestLimits | undefined;
  private foreignListeners: ForeignListeners | undefined;
  private readonly observers: Observers;
  private endpoint: Endpoint | undefined;
  private nowMaterial: TlsMaterial | undefined;
  /** What is bound, or made, for a change that is not in force yet. */
  private readonly staged = new Set<Served>();

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

  /** Reads what the config points at, and binds unless a bound listener is handed over. */
  async open(options: StageOptions): Promise<void> {
    const opening = await this.stageOpen(this.settings, options);
    await opening.commit();
  }

  /** A new transport on the same socket, with certificates read anew. */
  async renew(options: StageOptions): Promise<void> {
    const { endpoint } = this;
    if (endpoint === undefined) return;
    const spec = await this.read(this.settings, options);
    if (this.bound === undefined) throw new Error('its listener was lost meanwhile');
    endpoint.swap(endpoint.prepare(spec), spec);
    this.nowMaterial = spec.material;
    this.refreshHandler();
  }

  async stop(grace: Grace, graceMs: number): Promise<DrainOutcome | undefined> {
    const outcome = await this.endpoint?.stop({ ...this.settings.shutdown, graceMs, grace });
    this.endpoint = undefined;
    this.requestLimits?.keepWatch({ isRunning: false });
    return outcome;
  }

  /** What of a config differs from the present one, and what it would take. Binds nothing. */
  async kindOf(settings: ServerSettings, options: StageOptions): Promise<ChangeKind> {
    return (await this.decide(settings, options)).kind;
  }

  /** Does all of a change that can fail. */
  async stage(settings: ServerSettings, options: StageOptions = {}): Promise<StagedChange> {
    const { endpoint } = this;
    if (options.start && this.bound === undefined) return this.stageOpen(settings, options);
    const { kind, spec } = await this.decide(settings, options);
    if (endpoint === undefined || spec === undefined) return this.stageStopped(settings);
    if (kind === 'rebind') return this.stageRebind(endpoint, spec, options);
    const next = kind === 'swap' ? this.prepare(endpoint, spec) : undefined;
    return {
      kind,
      commit: async () => {
        this.adopt(spec);
        if (next) endpoint.swap(next, spec);
        else if (kind === 'live') endpoint.reconfigure(spec);
        this.settle(next);
      },
      discard: async () => {
        this.settle(next);
        if (next) endpoint.discard(next);
      },
    };
  }

  /** Binds the address again if it was given up for a change that was discarded. */
  async restore(): Promise<void> {
    await this.endpoint?.restore(this.settings.limits.maxConnections);
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
    const served = this.endpoint ? [this.endpoint, ...this.staged] : [...this.staged];
    if (served.length === 0) return;
    let handler = missingHandler;
    try {
      handler = this.handlerFor(this.settings);
    } catch (error) {
      this.host.handlerRefused(error as Error);
    }
    for (const each of served) each.setHandler(handler);
  }

  counts(): EndpointCounts {
    return this.endpoint?.counts() ?? { connections: 0, inFlight: 0, requests: 0 };
  }

  /** Open connections by what they are now. */
  connectionsByKind(): Record<SocketKind, number> {
    return this.endpoint?.byKind() ?? { http1: 0, http2: 0, upgraded: 0, connect: 0, tls: 0 };
  }

  /** Decides what a config takes, by all that it is served with, which is read once. */
  private async decide(
    settings: ServerSettings,
    options: StageOptions,
  ): Promise<{ kind: ChangeKind; spec?: TransportSpec }> {
    // One that is disabled stops once the config is in force: what it would serve with need not be had.
    if (this.bound === undefined || settings.disabled) {
      return { kind: changeKind(unserved(this.settings), unserved(settings)) };
    }
    const spec = await this.read(settings, options);
    const before = { ...spec, settings: this.settings, material: this.nowMaterial };
    return { kind: changeKind(before, spec), spec };
  }

  /** Binds, so that nothing is left that can fail; serves when it is committed. */
  private async stageOpen(settings: ServerSettings, options: StageOptions): Promise<StagedChange> {
    const spec = await this.read(settings, options);
    const endpoint = new Endpoint(this, spec);
    this.staged.add(endpoint);
    try {
      await endpoint.bind(spec, bindOptions(options));
    } catch (error) {
      this.settle(endpoint);
      throw error;
    }
    return {
      kind: settings === this.settings ? 'keep' : this.stageStopped(settings).kind,
      commit: async () => {
        this.adopt(spec);
        // A server whose listener died still has the connections it had.
        endpoint.begin(spec, this.endpoint);
        this.endpoint = endpoint;
        this.settle(endpoint);
      },
      discard: async () => {
        this.settle(endpoint);
        endpoint.close();
      },
    };
  }

  private stageStopped(settings: ServerSettings): StagedChange {
    const kind = changeKind(unserved(this.settings), unserved(settings));
    const commit = async (): Promise<void> => void (this.nowSettings = settings);
    return { kind, commit, discard: async () => undefined };
  }

  /** The new address is bound, and the new transport made, before the old one is let go. */
  private async stageRebind(
    endpoint: Endpoint,
    spec: TransportSpec,
    options: StageOptions,
  ): Promise<StagedChange> {
    const next = this.prepare(endpoint, spec);
    try {
      // Until the change is in force, its death is nobody's: then it is the endpoint's.
      const owner: ListenerOwner = {
        accept: (socket) => next.accept(socket),
        listenerDied: () => undefined,
      };
      const vacated = [...(options.vacated ?? []), endpoint.listener as Listener];
      const { listener, isNew } = await bindNext(spec.settings, owner, {
        ...bindOptions(options),
        vacated,
      });
      return {
        kind: 'rebind',
        commit: () => {
          this.adopt(spec);
          const moved = endpoint.move(listener, next, spec);
          this.settle(next);
          return moved;
        },
        discard: async () => {
          this.settle(next);
          if (isNew) listener.close();
          endpoint.discard(next);
        },
      };
    } catch (error) {
      this.settle(next);
      endpoint.discard(next);
      throw error;
    }
  }

  /** Makes a transport that takes up new handlers from now on, though it is not in force yet. */
  private prepare(endpoint: Endpoint, spec: TransportSpec): Transport {
    const next = endpoint.prepare(spec);
    this.staged.add(next);
    return next;
  }

  /** It is in force, or was discarded. Handlers that came meanwhile hold, and not those it was staged with. */
  private settle(staged: Served | undefined): void {
    if (staged) this.staged.delete(staged);
    this.refreshHandler();
  }

  private adopt({ settings, material }: TransportSpec): void {
    this.nowSettings = settings;
    this.nowMaterial = material;
    if (this.requestLimits || RequestLimits.areSet(settings)) {
      this.requestLimits ??= new RequestLimits((...slow) => this.host.clientWasSlow(...slow));
      this.requestLimits.configure(settings);
      this.requestLimits.keepWatch({ isRunning: true });
    }
  }

  private async read(settings: ServerSettings, options: StageOptions): Promise<TransportSpec> {
    const material = saysTls(settings) ? await this.readMaterial(settings, options) : undefined;
    return { settings, material, handler: this.handlerFor(settings) };
  }

  private handlerFor(settings: ServerSettings): Handler {
    const { redirectTo } = settings;
    if (redirectTo === undefined) return this.handlers.serving(settings);
    return redirectHandler(() => redirectTo.origin ?? this.host.redirectOrigin(redirectTo.server));
  }

  private readMaterial(
    settings: ServerSettings,
    options: StageOptions,
  ): Promise<TlsMaterial | undefined> {
    const reading = readTls(settings, this.defaultTls);
    return this.waitsForTls(settings) ? giveUp(reading, options) : reading;
  }

  /** A function may never answer, which must not keep a server from being stopped. */
  private waitsForTls({ tls }: ServerSettings): boolean {
    return tls?.inheritDefault === true && typeof this.defaultTls === 'function';
  }
}

function bindOptions(options: StageOptions): BindNextOptions {
  return { vacated: options.vacated, unlessGivenUp: (work) => giveUp(work, options) };
}

function giveUp<T>(work: Promise<T>, { signal, interruption }: StageOptions): Promise<T> {
  return unlessAborted(unlessAborted(work, signal), interruption?.signal);
}

function unserved(settings: ServerSettings): TransportSpec {
  return { settings, material: undefined, handler: { request: () => undefined } };
}
