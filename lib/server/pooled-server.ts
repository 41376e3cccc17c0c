import { notADuration, parseDuration, type Duration } from '../config/duration.js';
import type { ServerOptions } from '../config/server.config.js';
import type { ServerSettings } from '../config/server-settings.js';
import { ServerError, ServerErrorCode, type ConfigIssue } from '../errors/server.error.js';
import type { HandlerSource } from '../handler/handler.js';
import type { HandlerRegistry } from '../handler/handler-registry.js';
import type { MonitorReport } from '../monitor/monitor-report.js';
import type { KnownHealth } from '../monitor/server-monitor.js';
import { readDefaultTls } from '../tls/default-tls.js';
import { readSettings } from './read-settings.js';
import { readSignal } from './read-signal.js';
import { redirectFaultAlone } from './redirect-origin.js';
import { stageUnder, type Hold } from './lifecycle/hold.js';
import type { Listener } from './listener/listener.js';
import { endWith } from './lifecycle/parent-signal.js';
import { ServerHandlers } from '../handler/server-handlers.js';
import type { ServerEvents } from './transport/events/server-events.js';
import type { PooledServerOptions } from './pooled-server.options.js';
import { ServerLifecycle } from './lifecycle/server-lifecycle.js';
import { ServerReporter, type HostOf } from './server-reporter.js';
import { ServerRuntime } from './endpoint/server-runtime.js';
import type { DrainReport } from './server-state.js';
import { ServerFacts } from './server-facts.js';

/** The pool that a server is in. */
export type ServerHost = HostOf<PooledServer>;

/**
 * One HTTP server under a name, which can start, stop and change while it serves. Its calls may be
 * made at any time and at once: each runs when the one before it is done.
 */
export class PooledServer extends ServerFacts {
  protected readonly runtime: ServerRuntime;
  protected readonly lifecycle: ServerLifecycle;
  private readonly reporter: ServerReporter<PooledServer>;

  /** Use {@link PooledServer.create}. @internal */
  constructor(
    settings: ServerSettings,
    handlers: ServerHandlers,
    options: PooledServerOptions = {},
  ) {
    super();
    this.reporter = new ServerReporter<PooledServer>(this, options);
    this.runtime = new ServerRuntime(settings, handlers, options.tls, this.reporter, (error) =>
      this.lifecycle.listenerDied(error),
    );
    this.lifecycle = new ServerLifecycle(this.runtime, this.reporter);
    if (options.signal) endWith(options.signal, this);
  }

  /**
   * Validates the options and everything they point at, and returns a stopped server.
   *
   * @throws ServerError `ERR_SERVER_VALIDATE` with every fault and its key path
   */
  static create(options: ServerOptions, given?: PooledServerOptions | null): PooledServer {
    if (options === undefined || options === null) {
      const message = 'PooledServer.create needs the options of a server';
      throw new ServerError(ServerErrorCode.ERR_SERVER_PARAM_EMPTY, message);
    }
    const { logger } = given ?? {};
    const signal = readSignal(given);
    const handlers = ServerHandlers.of(given?.handlers);
    const { tls, error } = readDefaultTls(given?.tls);
    if (error) throw error;
    const settings = readSettings(options, {
      handlers,
      defaultTls: tls,
      redirectFault: redirectFaultAlone,
    });
    return new PooledServer(settings, handlers, { logger, signal, tls });
  }

  /**
   * Binds and serves. Does nothing when it runs already, or is disabled.
   *
   * @throws ServerError `ERR_SERVER_PORT_IN_USE`, `ERR_SERVER_INVALID_ADDRESS`,
   *   `ERR_SERVER_HTTP2_CONFIGURE`, `ERR_SERVER_VALIDATE` (certificates), `ERR_SERVER_START`; this
   *   one also when its signal, or that of its pool, has aborted
   */
  start(): Promise<void> {
    return this.lifecycle.start();
  }

  /**
   * Stops without losing anything: see the drain in the docs. A second call joins the first, and
   * with a `timeout` hurries it.
   *
   * @param options.timeout The grace, instead of `shutdown.timeout`
   */
  stop(options?: { timeout?: Duration } | null): Promise<DrainReport> {
    try {
      return this.lifecycle.stop(readTimeout(options?.timeout));
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** Stops it, drained: `await using server = PooledServer.create(…)`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * Puts a new transport, with its certificates read anew, behind the same socket: no
   * connection is refused and a port-0 server keeps its port. Starts a server that does not run.
   */
  restart(): Promise<void> {
    return this.lifecycle.restart();
  }

  /**
   * Takes another config, with the least that it needs: new values, a new transport behind the
   * same socket, or a new socket. On a fault the old one goes on serving.
   *
   * @throws ServerError `ERR_SERVER_VALIDATE`, or what {@link start} throws for a new address
   */
  async setConfig(options: ServerOptions): Promise<void> {
    await this.change(() => this.readConfig(options));
  }

  /** Takes the config and the own handlers of another server. */
  async merge(other: PooledServer): Promise<void> {
    if (!(other instanceof PooledServer)) {
      const message = `Server '${this.name}' can only merge a PooledServer`;
      throw new ServerError(ServerErrorCode.ERR_SERVER_INVALID_INSTANCE, message, this.details);
    }
    await this.change(
      () => other.settings,
      () => this.takeHandlersOf(other),
    );
  }

  /**
   * Sets its own handlers, effective for the next request; undefined: the pool's serve again.
   *
   * @throws ServerError `ERR_SERVER_VALIDATE` for a source that is not valid; those before stay
   */
  handler(source: HandlerSource | undefined): void {
    this.runtime.setHandlers(this.runtime.handlers.withOwn(source));
  }

  /**
   * Reports how the server is: what its monitor knows by its own checks, which this one is not. A
   * server whose config has no monitor is checked now.
   *
   * @param version The application's version, to be told in the report
   */
  async monitor(
    version?: string,
    options?: { signal?: AbortSignal } | null,
  ): Promise<MonitorReport> {
    return this.reporter.watch.report(version, readSignal(options));
  }

  /** Connects to itself as a client would; rejects with the reason when it is not healthy. */
  async healthCheck(options?: { signal?: AbortSignal } | null): Promise<void> {
    return this.reporter.watch.check(readSignal(options));
  }

  /** Whether lists of configs are about it: `apply` and `clone` leave the others alone. @internal */
  get listed(): boolean {
    return true;
  }

  /** What is known of its health while it runs, without a check. @internal */
  get health(): Pick<KnownHealth, 'status' | 'message'> {
    return this.reporter.health;
  }

  /** Restarts it, unless it does not run or is asked to stop. @internal */
  heal(): Promise<void> {
    return this.lifecycle.heal();
  }

  /**
   * Reads its certificates anew, and serves with what they hold now; on a fault it goes on with those
   * before. @internal
   */
  async reloadTls(): Promise<void> {
    const change = await stageUnder(await this.lifecycle.hold(), () => this.settings);
    await change.commit();
  }

  /** Belongs to a pool from now on. @internal */
  attach(host: ServerHost): void {
    this.reporter.attach(host);
    const { handlers } = this.runtime;
    const next = handlers.joining(host.registry);
    if (next !== handlers) this.runtime.setHandlers(next);
  }

  /** Serves from these handlers where it has none of its own. @internal */
  shareHandlers(registry: HandlerRegistry): void {
    this.runtime.setHandlers(this.runtime.handlers.sharing(registry));
  }

  /** Is served by what its pool binds to this name, and goes on being so when it is renamed. @internal */
  bindHandlers(name: string): void {
    this.runtime.setHandlers(this.runtime.handlers.boundAs(name));
  }

  /** @internal */
  detach(host: ServerHost): void {
    this.reporter.detach(host);
  }

  /**
   * Tells an observer what happens on this server from now on, until the returned function is
   * called. @internal
   */
  observe(observer: ServerEvents): () => void {
    return this.runtime.observe(observer);
  }

  /** Nobody awaits this stop: a failure must not be lost, nor end the process. @internal */
  endWithParent(): void {
    this.stop().catch((error: Error) => this.reporter.stopFailed(error));
  }

  /** Leaves the stops that are under way, or wait, no more time than this. @internal */
  hurry(graceMs: number): void {
    this.lifecycle.hurry(graceMs);
  }

  /** A start is under way or waits, be it for an address in use. @internal */
  get isStarting(): boolean {
    return this.lifecycle.isStarting;
  }

  /** Stopped, and nothing is under way or asked for that could start it. @internal */
  get atRest(): boolean {
    return this.state === 'stopped' && !this.lifecycle.busy;
  }

  /** It stands in its state, and has been asked for something that may change its config. @internal */
  get awaitsChange(): boolean {
    return this.lifecycle.busy && this.state !== 'draining' && this.state !== 'starting';
  }

  /** The listener it is bound with. @internal */
  get listener(): Listener | undefined {
    return this.runtime.bound;
  }

  /** Holds the server for a change: its other calls wait. @internal */
  hold(): Promise<Hold> {
    return this.lifecycle.hold();
  }

  /** Takes up what the handlers say now. @internal */
  refreshHandler(): void {
    this.runtime.refreshHandler();
  }

  /** What speaks against these settings in its pools but this one. @internal */
  conflictsOutside(host: ServerHost, settings: ServerSettings): ConfigIssue[] {
    return this.reporter.conflicts(settings, host);
  }

  /** Takes the own handlers of another server, where that has some. @internal */
  takeHandlersOf(other: PooledServer): void {
    this.runtime.setHandlers(this.runtime.handlers.withOwnOf(other.runtime.handlers));
  }

  /** What a config of this server is checked against. @internal */
  get handlers(): ServerHandlers {
    return this.runtime.handlers;
  }

  /** A stopped server with the same config and handlers that changes alone. @internal */
  clone(): PooledServer {
    const { settings, handlers, defaultTls: tls } = this.runtime;
    const { logger } = this.reporter;
    return new PooledServer(settings, handlers, { tls, logger });
  }

  /** As {@link clone}, and what it had from one registry it has from another. @internal */
  cloneFor(registry: HandlerRegistry, former: HandlerRegistry): PooledServer {
    const clone = this.clone();
    if (clone.runtime.handlers.isSharing(former)) clone.shareHandlers(registry);
    return clone;
  }

  private readConfig(options: ServerOptions): ServerSettings {
    const { handlers, defaultTls } = this.runtime;
    return readSettings(options, { handlers, defaultTls });
  }

  /** Checks for conflicts twice: another server may take the name or address during the staging. */
  private async change(
    read: () => ServerSettings,
    beforeCommit: () => void = () => undefined,
  ): Promise<void> {
    const taken: ServerSettings[] = [];
    const change = await stageUnder(await this.lifecycle.hold(), () => {
      taken.push(this.withoutConflict(read()));
      return taken[0] as ServerSettings;
    });
    try {
      taken.forEach((settings) => this.withoutConflict(settings));
    } catch (error) {
      await change.discard();
      throw error;
    }
    beforeCommit();
    await change.commit();
    // A failed one too: else it stays failed for ever, or a supervised restart goes on.
    if (this.disabled && this.state !== 'stopped') await this.stop();
  }

  private withoutConflict(settings: ServerSettings): ServerSettings {
    const issues = [...this.reporter.conflicts(settings)];
    // Another server's config, which `merge` takes, was not checked against what is bound to this one.
    const fault = this.runtime.handlers.bindingFault(settings);
    const redirectFault = this.reporter.redirectFault(settings);
    for (const issue of [fault, redirectFault]) if (issue) issues.push(issue);
    if (issues.length > 0) throw ServerError.forConfig(issues, this.details);
    return settings;
  }

  private get details(): { server: string; bind: string } {
    return { server: this.name, bind: this.bind };
  }
}

/** A duration in ms; throws for one that is none. */
function readTimeout(timeout: Duration | null | undefined): number | undefined {
  if (timeout === undefined || timeout === null) return undefined;
  const ms = parseDuration(timeout);
  if (ms !== undefined) return ms;
  throw ServerError.forConfig([{ path: 'timeout', message: notADuration(timeout) }]);
}
