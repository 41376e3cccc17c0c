import type { Observable } from 'rxjs';
import type { ServerOptions } from '../config/server.options.js';
import type { ServerSettings } from '../config/server-settings.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import type { ServerError } from '../errors/server.error.js';
import type { HandlerSource } from '../handler/handler.js';
import { HandlerRegistry } from '../handler/handler-registry.js';
import { readSettings } from '../server/create-server.js';
import type { MonitorReport } from '../monitor/monitor-report.js';
import { silentLogger, type PoolLogger } from '../server/pool-logger.js';
import { PooledServer } from '../server/pooled-server.js';
import { ServerHandlers } from '../server/server-handlers.js';
import type { DrainReport } from '../server/server-state.js';
import { TransitionQueue } from '../server/transition-queue.js';
import type { DefaultTls } from '../tls/load-tls.js';
import { putInForce } from './apply.js';
import { describePlan, planApply, type PlannedServer } from './apply-plan.js';
import { readPoolServers } from './create-servers.js';
import { gather, headline, throwIfAny } from './gather.js';
import {
  restartAll,
  startAll,
  stopAll,
  type RestartAllOptions,
  type StartAllOptions,
  type StopAllOptions,
} from './group-operations.js';
import type { PoolEvent } from './pool-event.js';
import { assertServer, PoolMembers } from './pool-members.js';
import { PoolView } from './pool-view.js';
import type { PoolPlan } from './pool-plan.js';
import { poolStats, type PoolStats } from './pool-stats.js';
import { nameOf, sameOptions } from './same-options.js';
import { fieldOf, serverMatcher, type ServerField } from './server-query.js';

/** What a pool is given. */
export interface PoolOptions {
  /** The handlers that `handlerKey` picks from. */
  handlers?: HandlerSource;
  /** The default TLS, for servers with `tls.inheritDefault`. */
  tls?: DefaultTls;
  /** When it aborts, every server stops gracefully. */
  signal?: AbortSignal;
  /** Where the pool and its servers log; nothing is logged without. */
  logger?: PoolLogger;
  /** Folded into every config that the pool reads, before it is validated. */
  defaults?: Partial<ServerOptions>;
  /** Servers to begin with. */
  servers?: readonly (PooledServer | null | undefined)[];
}

type Visitor = (bind: string, server: PooledServer) => boolean | void;

/**
 * Several HTTP servers under one roof, keyed by bind address and found by name. Group operations
 * run for all servers at once and gather every outcome; iteration is over a snapshot, so servers
 * may come and go meanwhile.
 */
export class Pool implements Iterable<PooledServer> {
  private readonly members: PoolMembers;
  private readonly applying = new TransitionQueue();
  private started = false;
  private readonly logger: PoolLogger;

  /**
   * @throws PoolError `ERR_POOL_ADD` for servers that can't be in one pool, or are none
   */
  constructor(options?: PoolOptions);
  /** @internal */
  constructor(options: PoolOptions, members: PoolMembers);
  constructor(
    private readonly options: PoolOptions = {},
    members?: PoolMembers,
  ) {
    this.members = members ?? new PoolMembers(new HandlerRegistry(options.handlers));
    this.logger = options.logger ?? silentLogger;
    if (members !== undefined) return;
    this.addAll(options.servers ?? []);
    this.stopWith(options.signal);
  }

  /** The shared handlers. @internal */
  get registry(): HandlerRegistry {
    return this.members.registry;
  }

  /** Every change of a server, and every server that comes or goes. */
  get events$(): Observable<PoolEvent> {
    return this.members.events.asObservable();
  }

  get size(): number {
    return this.members.index.size;
  }

  len(): number {
    return this.size;
  }

  /** Over a snapshot, in the order the servers came. */
  [Symbol.iterator](): Iterator<PooledServer> {
    return this.servers().values();
  }

  /**
   * Starts all that are stopped or failed, at once; those running are left alone.
   *
   * @param options.signal Aborted before: nothing is started. Aborted meanwhile: what this call
   *   has started stops again.
   * @throws PoolError `ERR_POOL_START` naming each server that failed; the others keep running
   */
  start(options: StartAllOptions = {}): Promise<void> {
    if (!options.signal?.aborted) this.started = true;
    return startAll(this.servers(), options);
  }

  /**
   * Drains and stops all, those with `shutdown.last` after the others.
   *
   * @param options.timeout The grace, instead of each server's `shutdown.timeout`
   * @param options.signal When it aborts, what is left is cut
   * @returns A report for each server that was not stopped already
   * @throws PoolError `ERR_POOL_STOP` naming each server that failed to close
   */
  async stop(options: StopAllOptions = {}): Promise<DrainReport[]> {
    this.started = false;
    const servers = this.servers().filter(({ state }) => state !== 'stopped');
    try {
      return await stopAll(servers, options, (server, timeout) => server.stop({ timeout }));
    } finally {
      await this.members.allGone();
    }
  }

  /**
   * Restarts the servers one after the other: new transports on the same sockets, so no connection
   * is refused. Those stopped are started.
   *
   * @param options.concurrency How many at a time; 1 unless told
   * @throws PoolError `ERR_POOL_RESTART` naming each server that failed
   */
  restart(options: RestartAllOptions = {}): Promise<void> {
    return restartAll(this.servers(), options);
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
   * Adds a server, or replaces the one on the same bind address: a running one hands its socket
   * over, and drains on its own.
   *
   * @throws ServerError `ERR_SERVER_VALIDATE` for a name or an address in use, or what its start
   *   throws; the pool is as before then
   */
  async store(server: PooledServer): Promise<void> {
    assertServer(server);
    if (this.members.index.contains(server)) return;
    const replaced = this.members.add(server);
    if (replaced === undefined) return;
    try {
      await this.members.handOver(replaced, server);
    } catch (error) {
      // Deleted meanwhile, it took the place of the old one with it.
      if (this.members.index.contains(server)) this.members.takeBack(server, replaced);
      else await this.members.seeOff(replaced, replaced.stop());
      throw error;
    }
  }

  /**
   * Validates the options, makes a server of them and stores it.
   *
   * @param start Whether to start it
   * @throws ServerError `ERR_SERVER_VALIDATE` or what the start throws; the pool is as before then
   */
  async storeNew(
    options: ServerOptions,
    { start = false }: { start?: boolean } = {},
  ): Promise<PooledServer> {
    const server = this.create(options);
    const replaced = this.members.index.holder(server.settings);
    await this.store(server);
    if (!start || server.isRunning()) return server;
    try {
      await server.start();
      return server;
    } catch (error) {
      this.members.takeBack(server, replaced);
      throw error;
    }
  }

  /** The server on a bind address, in any spelling, or on the real address of a port 0. */
  load(bind: string): PooledServer | undefined {
    return this.members.index.at(bind);
  }

  /** The server of a name. */
  get(name: string): PooledServer | undefined {
    return this.members.index.named(name);
  }

  has(bind: string): boolean {
    return this.load(bind) !== undefined;
  }

  /** Takes a server out at once; resolves when it is drained and stopped. False: there was none. */
  async delete(bind: string): Promise<boolean> {
    const server = this.load(bind);
    if (server === undefined) return false;
    this.members.remove(server);
    await this.members.seeOff(server, server.stop());
    return true;
  }

  /** Takes a server out as it is, running or not: it is the caller's from now on. */
  loadAndDelete(bind: string): PooledServer | undefined {
    const server = this.load(bind);
    if (server === undefined) return undefined;
    this.members.remove(server);
    server.detach(this.members);
    return server;
  }

  /**
   * Deletes all servers.
   *
   * @throws PoolError `ERR_POOL_STOP` naming each server that failed to close
   */
  async clean(): Promise<void> {
    const servers = this.servers();
    for (const server of servers) this.members.remove(server);
    await stopAll(servers, {}, (server) => this.members.seeOff(server, server.stop()));
  }

  /** Visits every server; `false` stops. */
  walk(visit: Visitor): void {
    if (typeof visit !== 'function') return;
    for (const server of this) if (visit(server.bind, server) === false) return;
  }

  /** Visits the servers on these bind addresses only, or all when none is given. */
  walkLimit(visit: Visitor, ...binds: string[]): void {
    if (binds.length === 0) return this.walk(visit);
    const limit = new Set(binds.map((bind) => this.load(bind)));
    this.walk((bind, server) => (limit.has(server) ? visit(bind, server) : true));
  }

  /**
   * The servers whose field matches: by the pattern (exact, without regard to case) or the regex.
   * The result is a view: its servers are this pool's, and stopping or deleting them there is
   * stopping or deleting them here.
   */
  filter(field: ServerField, pattern?: string, regex?: string | RegExp): Pool {
    const matches = serverMatcher(field, pattern, regex, this.logger);
    return new Pool(this.options, new PoolView(this.members, this.servers().filter(matches)));
  }

  /** The `target` of every server whose `source` matches. */
  list(
    source: ServerField,
    target: ServerField,
    pattern?: string,
    regex?: string | RegExp,
  ): string[] {
    const matches = serverMatcher(source, pattern, regex, this.logger);
    return this.servers()
      .filter(matches)
      .map((server) => fieldOf(server, target));
  }

  /** Stopped copies with the same configs and handlers, which change alone from now on. */
  clone({ signal }: { signal?: AbortSignal } = {}): Pool {
    const { tls, logger } = this.options;
    const copy = new Pool({ tls, logger, signal }, new PoolMembers(this.registry.clone()));
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

  /** Sets the shared handlers, effective for the next request; undefined takes them away. */
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
    return this.applying.run('apply', async () => {
      const plan = await planApply(this.members.index, this.readList(list));
      const starts = this.started || this.isRunning();
      const create = ({ settings }: PlannedServer): PooledServer => this.createFrom(settings);
      const described = describePlan(plan);
      if (!dryRun) await putInForce(plan, { members: this.members, create, starts });
      return described;
    });
  }

  monitorNames(): string[] {
    return this.servers().map((server) => server.monitorName());
  }

  /**
   * Checks every server now and reports on each.
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

  /** Adds servers of which none is running yet. @internal */
  addAll(servers: readonly (PooledServer | null | undefined)[]): void {
    const errors: ServerError[] = [];
    for (const server of servers) {
      if (server === null || server === undefined) continue;
      try {
        assertServer(server);
        this.members.add(server);
      } catch (error) {
        errors.push(error as ServerError);
      }
    }
    throwIfAny(PoolErrorCode.ERR_POOL_ADD, headline(errors, servers, 'added'), errors);
  }

  private stopWith(signal: AbortSignal | undefined): void {
    const stop = (): void => {
      // Nobody awaits this stop; its outcome is in the log, and a failure must not be lost.
      this.stop().catch((error: Error) => this.logger.error(error.message, error.stack));
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  }

  private servers(): PooledServer[] {
    return [...this.members.index];
  }

  private create(options: ServerOptions): PooledServer {
    const { tls, defaults } = this.options;
    const handlers = new ServerHandlers(undefined, this.registry);
    return this.createFrom(readSettings(options, { handlers, defaultTls: tls, defaults }));
  }

  private createFrom(settings: ServerSettings): PooledServer {
    const { tls, logger } = this.options;
    const handlers = new ServerHandlers(undefined, this.registry);
    return new PooledServer(settings, handlers, { tls, logger });
  }

  /** Reads a list, and of servers that it does not change nothing. */
  private readList(list: readonly ServerOptions[]): ServerSettings[] {
    const { registry, options } = this;
    const { tls, defaults } = options;
    const known = (item: unknown): ServerSettings | undefined => this.unchanged(item);
    const { settings, error } = readPoolServers(list, { registry, tls, defaults, known });
    if (error) throw error;
    return settings;
  }

  /** Certificates are files that may have changed under the same name: those are read again. */
  private unchanged(item: unknown): ServerSettings | undefined {
    const name = nameOf(item);
    const server = name === undefined ? undefined : this.get(name);
    if (server === undefined || server.settings.tls) return undefined;
    return sameOptions(item, server.config, this.options.defaults) ? server.settings : undefined;
  }
}
