import type { ServerOptions } from '../config/server.config.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import type { HandlerSource } from '../handler/handler.js';
import { HandlerRegistry } from '../handler/handler-registry.js';
import type { MonitorReport } from '../monitor/monitor-report.js';
import { silentLogger } from '../server/describe-change.js';
import { PooledServer } from '../server/pooled-server.js';
import type { DrainReport } from '../server/server-state.js';
import { workerHost } from '../server/listener/worker-host.js';
import { readDefaultTls } from '../tls/default-tls.js';
import { Applier } from './apply/applier.js';
import { gather, headline, throwIfAny } from './gather.js';
import {
  requireTimeout,
  restartAll,
  startAll,
  stopAll,
  type RestartAllOptions,
  type StartAllOptions,
  type StopAllOptions,
} from './group-operations.js';
import { PoolMembers } from './members/pool-members.js';
import { PoolView } from './members/pool-view.js';
import type { PoolOptions } from './pool.options.js';
import type { PoolPlan } from './apply/apply-plan.js';
import { poolStats, type PoolStats } from './pool-stats.js';
import { ServerCollection } from './server-collection.js';
import type { ServerField } from './server-query.js';

/**
 * Several HTTP servers under one roof. Group operations run for all servers at once and gather
 * every outcome.
 */
export class Pool extends ServerCollection {
  private started = false;
  private stopping = 0;
  private readonly applier: Applier;

  /**
   * @throws PoolError `ERR_POOL_VALIDATE` for handlers that are not valid and for such a default TLS,
   *   whether or not a server inherits it; `ERR_POOL_ADD` for servers that can't be in one pool, or are none
   */
  constructor(options?: PoolOptions);
  /** @internal */
  constructor(options: PoolOptions, members: PoolMembers);
  constructor(options: PoolOptions = {}, members?: PoolMembers) {
    const { handlers, signal } = options;
    super(withValidTls(options), members ?? new PoolMembers(new HandlerRegistry(handlers), signal));
    this.applier = new Applier({
      members: this.members,
      options: this.options,
      create: (settings) => this.createFrom(settings),
      // A server that stops later than the others still runs while the pool stops.
      starts: () => this.stopping === 0 && (this.started || this.isRunning()),
    });
    if (members !== undefined) return;
    this.addAll(options.servers ?? []);
    this.stopWith(options.signal);
  }

  /**
   * Starts all that are stopped or failed, at once; those running are left alone.
   *
   * @param options.signal Aborted before: nothing is started. Aborted meanwhile: what this call
   *   has started stops again.
   * @throws PoolError `ERR_POOL_START` naming each server that failed; the others keep running. Once
   *   the signal of the pool has aborted nothing starts
   */
  start(options: StartAllOptions = {}): Promise<void> {
    const { signal } = this.members;
    if (!options.signal?.aborted && !signal?.aborted) this.started = true;
    const starting = startAll(this.present(), options, signal);
    workerHost()?.starting(this, starting);
    return starting;
  }

  /**
   * Drains and stops all, those with `shutdown.last` after the others. Servers that come meanwhile
   * stop too, unless the pool is started again.
   *
   * @param options.timeout The grace, instead of each server's `shutdown.timeout`
   * @param options.signal When it aborts, what is left is cut
   * @returns A report for each server that was not stopped already
   * @throws PoolError `ERR_POOL_STOP` naming each server that failed to close, or the `timeout` that is no
   *   duration: then nothing is stopped
   */
  async stop(options: StopAllOptions = {}): Promise<DrainReport[]> {
    requireTimeout(options);
    this.started = false;
    this.stopping += 1;
    this.members.stops += 1;
    this.applier.giveUp('the pool was stopped');
    // A start that was asked for meanwhile is the last word.
    const toStop = (): PooledServer[] =>
      this.started ? [] : this.servers().filter((server) => !server.atRest);
    try {
      return await stopAll(toStop, options, (server, timeout) => server.stop({ timeout }));
    } finally {
      await this.members.allDone();
      this.stopping -= 1;
    }
  }

  /**
   * Restarts the servers one after the other: new transports on the same sockets, so no connection
   * is refused. Those stopped are started.
   *
   * @param options.concurrency How many at a time, a whole number from 1, or `Infinity`; 1 unless told
   * @throws PoolError `ERR_POOL_RESTART` naming each server that failed, or the `concurrency` that is
   *   none: then nothing is restarted
   */
  restart(options: RestartAllOptions = {}): Promise<void> {
    const { signal } = this.applier;
    return restartAll(
      this.present(),
      options,
      this.members.signal,
      (server) => !signal.aborted && this.members.contains(server),
    );
  }

  /** Whether at least one server runs. */
  isRunning(): boolean {
    return this.servers().some((server) => server.isRunning());
  }

  /** The longest uptime, in ms. */
  uptime(): number {
    return Math.max(0, ...this.servers().map((server) => server.uptime()));
  }

  /**
   * Deletes all servers.
   *
   * @throws PoolError `ERR_POOL_STOP` naming each server that failed to close
   */
  async clean(): Promise<void> {
    this.applier.giveUp('the pool was cleaned');
    const servers = this.servers();
    for (const server of servers) this.members.remove(server);
    await stopAll(
      () => servers,
      {},
      (server) => this.members.seeOff(server, server.stop()),
    );
  }

  /**
   * The servers whose field matches: by the pattern (exact, without regard to case) or the regex.
   * The result is a view: its servers are this pool's, and stopping or deleting them there is
   * stopping or deleting them here. What leaves this pool is not started there any more.
   */
  filter(field: ServerField, pattern?: string, regex?: string | RegExp): Pool {
    const servers = this.matching(field, pattern, regex);
    return new Pool(this.options, new PoolView(this.members, servers));
  }

  /** Stopped copies with the same configs, defaults and handlers, which change alone from now on. */
  clone({ signal }: { signal?: AbortSignal } = {}): Pool {
    const { tls, logger, defaults } = this.options;
    const members = new PoolMembers(this.registry.clone(), signal);
    const copy = new Pool({ tls, logger, defaults, signal }, members);
    copy.addAll(this.servers().map((server) => server.clone()));
    copy.stopWith(signal);
    return copy;
  }

  /**
   * Takes in the servers of another pool: those on new bind addresses are added (the same objects),
   * those on the same one give their config and own handlers to this pool's server.
   *
   * @throws PoolError `ERR_POOL_ADD` with all faults; what had none is merged
   */
  async merge(other: Pool): Promise<void> {
    if (!(other instanceof Pool)) {
      throw new PoolError(PoolErrorCode.ERR_POOL_PARAM_EMPTY, 'merge needs another pool');
    }
    const servers = other.servers().filter((server) => !this.members.index.contains(server));
    const { errors } = await gather(servers, async (server) => {
      const mine = this.members.index.holder(server.settings);
      await (mine ? mine.merge(server) : this.store(server));
    });
    throwIfAny(PoolErrorCode.ERR_POOL_ADD, headline(errors, servers, 'merged'), errors);
  }

  /**
   * Sets the shared handlers, effective for the next request; undefined takes them away.
   *
   * @throws PoolError `ERR_POOL_VALIDATE` for a source that is not valid; those before stay
   */
  handler(source: HandlerSource | undefined): void {
    this.members.setHandlers(source);
  }

  /** Running servers take up what the registry says now. @internal */
  refreshHandlers(): void {
    for (const server of this) server.refreshHandler();
  }

  /**
   * Makes the pool equal to a list of configs. They are compared by value, what is equal is left
   * alone, and the rest changes with the least it needs. All that can fail is staged before a
   * running server is touched; on a fault the pool is as before. Calls at once queue. Servers that
   * the list adds are started when the pool has been started. Resolves when removed servers are
   * drained.
   *
   * @param options.dryRun Return the plan and change nothing
   * @throws PoolError `ERR_POOL_VALIDATE` with all faults of the list, `ERR_POOL_START` for what
   *   could not be staged (an address in use, say)
   */
  apply(
    list: readonly ServerOptions[],
    { dryRun = false }: { dryRun?: boolean } = {},
  ): Promise<PoolPlan> {
    return this.applier.apply(list, { dryRun });
  }

  monitorNames(): string[] {
    return this.servers().map((server) => server.monitorName());
  }

  /**
   * Reports on every server: what its monitor knows, and of one without a monitor what a check says.
   *
   * @param version The application's version, to be told in the reports
   * @throws PoolError `ERR_POOL_MONITOR` when a check could not be made; a server that is down is
   *   no error but a report
   */
  async monitor(version?: string): Promise<MonitorReport[]> {
    const servers = this.servers();
    const reports = await gather(servers, (server) => server.monitor(version));
    const { errors, results } = reports;
    throwIfAny(PoolErrorCode.ERR_POOL_MONITOR, headline(errors, servers, 'checked'), errors);
    return results;
  }

  /** A plain snapshot. */
  stats(): PoolStats {
    return poolStats(this.servers());
  }

  toJSON(): PoolStats {
    return this.stats();
  }

  /** A view may list servers that have left its pool. */
  private present(): PooledServer[] {
    return this.servers().filter((server) => this.members.contains(server));
  }

  private stopWith(signal: AbortSignal | undefined): void {
    const { logger = silentLogger } = this.options;
    const stop = (): void => {
      // Nobody awaits this stop; its outcome is in the log, and a failure must not be lost.
      this.stop().catch((error: Error) => logger.error(error.message, error.stack));
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  }
}

function withValidTls(options: PoolOptions): PoolOptions {
  const { tls, error } = readDefaultTls(options.tls);
  if (error === undefined) return { ...options, tls };
  const headline = 'The pool has options that are not valid';
  throw new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, headline, [error]);
}
