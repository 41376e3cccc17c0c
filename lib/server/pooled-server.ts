import { types } from 'node:util';
import type { Duration } from '../config/duration.js';
import type { ServerOptions } from '../config/server.config.js';
import type { ServerSettings } from '../config/server-settings.js';
import { ServerError, ServerErrorCode } from '../errors/server.error.js';
import type { HandlerSource } from '../handler/handler.js';
import type { MonitorReport } from '../monitor/monitor-report.js';
import { readDefaultTls } from '../tls/default-tls.js';
import { readSettings } from './read-settings.js';
import { readSignal } from './read-signal.js';
import { readStopTimeout } from './read-stop-timeout.js';
import { redirectFaultAlone } from './redirect-origin.js';
import { stageUnder } from './lifecycle/hold.js';
import { stopWith } from './lifecycle/parent-signal.js';
import { ServerHandlers } from '../handler/server-handlers.js';
import { PoolMember } from './pool-member.js';
import { readPooledServerOptions, type PooledServerOptions } from './pooled-server.options.js';
import { ServerLifecycle } from './lifecycle/server-lifecycle.js';
import type { HostOf } from './server-host.js';
import { ServerReporter } from './server-reporter.js';
import { ServerRuntime } from './endpoint/server-runtime.js';
import type { DrainReport } from './server-state.js';

/** The pool that a server is in. */
export type ServerHost = HostOf<PooledServer>;

/**
 * One HTTP server under a name, which can start, stop and change while it serves. Its calls may be
 * made at any time and at once: each runs when the one before it is done.
 */
export class PooledServer extends PoolMember<PooledServer> {
  protected readonly runtime: ServerRuntime;
  protected readonly lifecycle: ServerLifecycle;
  protected readonly reporter: ServerReporter<PooledServer>;

  /** Neither what only has the prototype of one, nor a proxy: a pool holds servers themselves. @internal */
  static isOne(value: unknown): value is PooledServer {
    if (types.isProxy(value) || !(value instanceof PooledServer)) return false;
    return Object.hasOwn(value, 'lifecycle');
  }

  /** Use {@link PooledServer.create}. @internal */
  constructor(
    settings: ServerSettings,
    handlers: ServerHandlers,
    options: PooledServerOptions = {},
  ) {
    super();
    this.reporter = new ServerReporter<PooledServer>(this, options);
    this.runtime = new ServerRuntime(settings, handlers, options.tls, this.reporter);
    this.lifecycle = new ServerLifecycle(this.runtime, this.reporter);
    if (options.signal) stopWith(options.signal, this);
  }

  /**
   * Validates the options and everything they point at, and returns a stopped server.
   *
   * @throws ServerError `ERR_SERVER_VALIDATE` with every fault and its key path
   */
  static create(options: ServerOptions, context?: PooledServerOptions | null): PooledServer {
    if (options === undefined || options === null) {
      const message = 'PooledServer.create needs the options of a server';
      throw new ServerError(ServerErrorCode.ERR_SERVER_PARAM_EMPTY, message);
    }
    const { logger, signal, ...sources } = readPooledServerOptions(context);
    const handlers = ServerHandlers.of(sources.handlers);
    const { tls, error } = readDefaultTls(sources.tls);
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
  stop(options?: { timeout?: Duration | undefined } | null): Promise<DrainReport> {
    try {
      return this.lifecycle.stop(readStopTimeout(options));
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
    if (!PooledServer.isOne(other)) {
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
    options?: { signal?: AbortSignal | undefined } | null,
  ): Promise<MonitorReport> {
    return this.reporter.watch.report(version, readSignal(options));
  }

  /** Connects to itself as a client would; rejects with the reason when it is not healthy. */
  async healthCheck(options?: { signal?: AbortSignal | undefined } | null): Promise<void> {
    return this.reporter.watch.check(readSignal(options));
  }

  /** A stopped server with the same config and handlers that changes alone. @internal */
  clone(): PooledServer {
    const { settings, handlers, defaultTls: tls } = this.runtime;
    return new PooledServer(settings, handlers, { tls, logger: this.reporter.logger });
  }

  /** Serves with its settings as its pools would have them, which need not be those it came with. @internal */
  async takeRewritten(): Promise<void> {
    if (this.reporter.rewritten(this.settings) === this.settings) return;
    await this.change(() => this.settings);
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
    const hold = await this.lifecycle.hold();
    const change = await stageUnder(hold, () =>
      this.withoutConflict(this.reporter.rewritten(read())),
    );
    try {
      this.withoutConflict(change.settings);
    } catch (error) {
      await change.discard();
      throw error;
    }
    beforeCommit();
    await change.commit();
  }
}
