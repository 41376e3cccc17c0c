import { anySignal } from '../config/input/abort-signal.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import { messageOf, printableLines, stackOf } from '../errors/printable.js';
import type { ServerError } from '../errors/server.error.js';
import { StartPhase, type StartAttempt } from '../management/whole/start-phase.js';
import type { Pool } from '../pool/pool.js';
import type { PoolLife } from '../pool.service.js';
import type { PoolLogger } from '../server/log/pool-logger.js';
import type { PooledServer } from '../server/pooled-server.js';
import type { ResolvedModuleOptions } from './options/read-module-options.js';
import { workerHost } from '../server/listener/worker-host.js';
import type { ApplicationHandlers } from './application-handlers.js';
import { startupTable } from './startup-table.js';

/** What the link is made of. */
interface ApplicationLinkOptions {
  options: Pick<ResolvedModuleOptions, 'autoStart' | 'logTable' | 'onStartFailure'>;
  handlers: ApplicationHandlers;
  logger: PoolLogger;
}

/** The metrics of the pool: they are there while the application is. */
interface WatchedMetrics {
  /** Does nothing when it watches already. */
  watch(): void;
  close(): void;
}

const WITHOUT_HTTP =
  'This application has no HTTP adapter, so no server was started; those with an entry of `handlers` ' +
  'are by `autoStart: true` or PoolService.start()';

/** Ties a pool to the life of a Nest application. */
export class ApplicationLink implements PoolLife {
  /** What probes are told of the start and the end. */
  readonly phase: StartPhase = new StartPhase();
  private readonly closed = new AbortController();
  private metrics: WatchedMetrics | undefined;
  private hasSaidWithoutHttp = false;
  /** Of an application with HTTP: a microservice beside it calls the hooks, too. */
  private opening: Promise<void> | undefined;

  constructor(private readonly parts: ApplicationLinkOptions) {}

  /** For the pool: when the application is closed, nothing starts any more. */
  signalWith(parent: AbortSignal | undefined): AbortSignal {
    const { signal } = this.closed;
    return parent ? anySignal([parent, signal]) : signal;
  }

  /** Not watched before something may start: an application that is never made has no series. */
  useMetrics(metrics: WatchedMetrics | undefined): void {
    this.metrics = metrics;
  }

  /**
   * Starts a server before the bootstrap hooks of other modules are called.
   *
   * @throws PoolError `ERR_POOL_START`
   */
  async openAhead(server: PooledServer): Promise<void> {
    const { handlers, options } = this.parts;
    const { autoStart = handlers.hasHttp } = options;
    if (handlers.awaitRoutes || this.opening) return;
    this.metrics?.watch();
    if (!autoStart) return;
    try {
      await server.start();
    } catch (error) {
      const headline = 'The management server could not be started';
      throw new PoolError(PoolErrorCode.ERR_POOL_START, headline, [error as ServerError]);
    }
  }

  async starting(pool: Pool, start: () => Promise<void>): Promise<void> {
    const attempt = this.phase.begin();
    this.metrics?.watch();
    try {
      await start();
      this.startOver(pool, attempt);
    } catch (error) {
      const goesOn = this.parts.options.onStartFailure === 'continue' && pool.isRunning();
      if (goesOn) this.startOver(pool, attempt);
      else attempt.failed();
      throw error;
    }
  }

  private startOver(pool: Pool, attempt: StartAttempt): void {
    const isNews = attempt.over();
    if (isNews && this.parts.options.logTable) this.parts.logger.log(startupTable(pool));
  }

  stopped(): void {
    this.phase.reset();
  }

  beginClose(): void {
    this.phase.close();
  }

  /** Closes for good: a server that started now would keep the process alive. */
  async closeForGood(pool: Pool): Promise<void> {
    this.beginClose();
    await this.close(pool);
    this.closed.abort(new Error('the application was closed'));
    // What began to start in between: with this one there is nothing left that could.
    await this.stop(pool);
  }

  /**
   * Gives the servers their handlers and starts them.
   *
   * @throws PoolError `ERR_POOL_START`, with all that had started stopped again
   */
  async open(pool: Pool): Promise<void> {
    const { handlers } = this.parts;
    if (handlers.awaitRoutes) return;
    if (!handlers.hasHttp) return this.openNow(pool);
    this.opening ??= this.openNow(pool);
    return this.opening;
  }

  private async openNow(pool: Pool): Promise<void> {
    const { handlers, options } = this.parts;
    this.metrics?.watch();
    try {
      await handlers.attach(pool);
      const { autoStart = handlers.hasHttp } = options;
      if (autoStart) await this.start(pool);
      else if (options.autoStart === undefined) this.sayWithoutHttp();
    } catch (error) {
      // Nest does not shut down an application that failed to bootstrap: what is bound would keep
      // the process alive.
      await this.close(pool);
      throw error;
    }
    // While it was opened: what was made since is not let go of yet.
    if (this.closed.signal.aborted) await this.close(pool);
  }

  /**
   * Stops the servers and lets go of the application. Never rejects: Nest 12 would log the error
   * of a hook and go on, but Nest 11 would leave everything after it open.
   */
  async close(pool: Pool): Promise<void> {
    const { handlers } = this.parts;
    this.opening = undefined;
    handlers.beginClose();
    await this.stop(pool);
    this.metrics?.close();
    try {
      await handlers.close();
    } catch (error) {
      this.logFailure(error);
    }
  }

  /** Once: `init()` of a microservice calls each bootstrap hook twice. */
  private sayWithoutHttp(): void {
    if (!this.hasSaidWithoutHttp) this.parts.logger.log(WITHOUT_HTTP);
    this.hasSaidWithoutHttp = true;
  }

  private async stop(pool: Pool): Promise<void> {
    try {
      await pool.stop();
    } catch (error) {
      this.logFailure(error);
    }
  }

  private async start(pool: Pool): Promise<void> {
    try {
      await pool.start();
    } catch (error) {
      if (this.parts.options.onStartFailure === 'abort') throw error;
      // Each server has logged why it failed.
      const failed = [...pool].filter((server) => server.isError()).length;
      if (!(error instanceof PoolError) || failed === 0) return this.logFailure(error);
      const rest = failed === pool.size ? 'none serves' : 'the rest serve';
      workerHost()?.started(pool);
      this.parts.logger.warn(`${failed} of ${pool.size} servers could not be started, ${rest}`);
    }
  }

  private logFailure(error: unknown): void {
    this.parts.logger.error(printableLines(messageOf(error)), stackOf(error));
  }
}
