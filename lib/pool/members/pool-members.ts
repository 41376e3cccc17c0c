import { errorDetailsOf, type ServerSettings } from '../../config/server-settings.js';
import { ServerError, type ConfigIssue } from '../../errors/server.error.js';
import type { HandlerSource } from '../../handler/handler.js';
import type { HandlerRegistry } from '../../handler/handler-registry.js';
import { ServerHandlers } from '../../handler/server-handlers.js';
import { stopWith } from '../../server/lifecycle/parent-signal.js';
import { messageOf, printableLines, stackOf } from '../../errors/printable.js';
import { logLater } from '../../server/log/guarded-logger.js';
import type { PoolLogger } from '../../server/log/pool-logger.js';
import type { PooledServer, ServerHost } from '../../server/pooled-server.js';
import type { DrainReport, ServerChange } from '../../server/server-state.js';
import { PoolActivity } from './pool-activity.js';
import { Arrivals } from './arrivals.js';
import { Departures } from './departures.js';
import { isWantedUp } from './last-word.js';
import type { Successor } from './last-word.js';
import { LeavingServers } from './leaving-servers.js';
import { PoolEvents } from './pool-events.js';
import { redirectFault, Redirects } from './redirects.js';
import { ServerIndex } from './server-index.js';

interface PoolMembersOptions {
  readonly registry: HandlerRegistry;
  /** Once it has aborted, none of the servers starts. */
  readonly signal: AbortSignal | undefined;
  readonly logger: PoolLogger;
}

/**
 * Who is in a pool, shared by the pool and its views: keeps the index true while servers come, go and
 * take other configs, and tells what happens to them. A server that leaves is heard until it has
 * stopped.
 */
export class PoolMembers implements ServerHost {
  readonly index = new ServerIndex();
  readonly redirects = new Redirects(this.index);
  readonly activity = new PoolActivity();
  readonly events: PoolEvents;
  readonly registry: HandlerRegistry;
  readonly signal: AbortSignal | undefined;
  readonly arrivals = new Arrivals();
  readonly departures = new Departures();
  /** Servers that were replaced, or taken back: a change that has waited for one of them looks at the pool anew. */
  readonly displaced = new WeakMap<PooledServer, Successor | undefined>();
  readonly leaving = new LeavingServers((server) => {
    if (this.isGone(server)) server.detach(this);
  });

  private readonly logger: PoolLogger;
  private currentRewrite: ServerHost['rewrite'];
  /** Kept here, so that it is there for as long as a server is that belongs to the pool. */
  private stopAll: () => Promise<unknown> = () => Promise.resolve();

  constructor({ registry, signal, logger }: PoolMembersOptions) {
    this.registry = registry;
    this.signal = signal;
    this.logger = logger;
    this.events = new PoolEvents(logger);
  }

  get rewrite(): ServerHost['rewrite'] {
    return this.currentRewrite;
  }

  rewriteBy(rewrite: ServerHost['rewrite']): void {
    this.currentRewrite = rewrite;
  }

  /** Whether the pool has this very server, now. */
  contains(server: PooledServer): boolean {
    return this.index.contains(server);
  }

  conflicts(settings: ServerSettings, server: PooledServer): ConfigIssue[] {
    if (!this.index.contains(server)) return [];
    return this.index.conflicts(settings, (other) => other === server);
  }

  /** @param replaced Leaves when a server comes with these settings */
  redirectFault(settings: ServerSettings, replaced?: PooledServer): ConfigIssue | undefined {
    const { redirects } = this;
    return redirectFault(settings, replaced ? redirects.without(replaced) : redirects);
  }

  redirectTarget(name: string): PooledServer | undefined {
    return this.redirects.find(name);
  }

  changed(server: PooledServer, change: ServerChange): void {
    // It has left and is stopped: what comes next was asked for by somebody who has it without the pool.
    if (change.previous === 'stopped' && !this.index.contains(server)) return server.detach(this);
    const { type, state } = change;
    // One that begins to start or to drain is where it was, and under the name it had.
    if (type !== 'state' || (state !== 'starting' && state !== 'draining')) {
      const former = this.index.update(server);
      if (former !== undefined) this.redirects.update(server, former);
    }
    this.events.tell(server, change);
  }

  relistened(server: PooledServer): void {
    this.index.update(server);
  }

  /**
   * Takes a server in, behind all others unless it had a place before.
   *
   * @throws ServerError `ERR_SERVER_VALIDATE` for a name or an address that another one has
   */
  add(server: PooledServer, slot?: number): void {
    const fault = this.faultOf(server, server.settings);
    if (fault) throw fault;
    this.takeIn(server, () => this.index.add(server, slot));
  }

  /** Puts a server in the place of another, which stays attached until it has stopped. */
  replace(old: PooledServer, next: PooledServer): void {
    this.takeIn(next, () => {
      this.index.replace(old, next);
      this.displaced.set(old, { server: next, stopsAsked: next.stopsAsked });
      this.left(old);
    });
  }

  /**
   * What keeps a server with these settings out, here or in another pool that it is in.
   *
   * @param isException Told of a server that is in nobody's way
   */
  faultOf(
    server: PooledServer,
    settings: ServerSettings,
    isException: (other: PooledServer) => boolean = (other) => other === server,
  ): ServerError | undefined {
    const issues = [
      ...this.index.conflicts(settings, isException),
      ...server.conflictsOutside(this, settings),
    ];
    if (issues.length === 0) return undefined;
    return ServerError.forConfig(issues, errorDetailsOf(settings));
  }

  /** Sets the handlers of all servers that have none of their own. */
  setHandlers(source: HandlerSource | undefined): void {
    this.registry.setSource(source);
    for (const server of this.index) server.shareHandlers(this.registry);
  }

  /** What the config of a server is checked against, be it known or on its way. */
  handlersFor(settings: ServerSettings): ServerHandlers {
    const known = this.index.named(settings.name) ?? this.index.holder(settings);
    return known?.handlers ?? ServerHandlers.sharing(this.registry);
  }

  /** Takes a server out; false when it is not in the pool. */
  remove(server: PooledServer): boolean {
    const removed = this.index.remove(server);
    if (removed) this.left(server);
    return removed;
  }

  /** Takes a server out whose start has failed, unless another call has it by now; false when it stays. */
  takeBack(server: PooledServer): boolean {
    if (!this.arrivals.end(server)) return false;
    this.displaced.set(server, undefined);
    return this.remove(server);
  }

  /** It is not here, and no stop of it is under way. */
  isGone(server: PooledServer): boolean {
    return !this.index.contains(server) && !this.leaving.has(server);
  }

  /** Stops a server that was taken out, and hears it until then; a stop of the pool waits for it. */
  stop(server: PooledServer): Promise<DrainReport> {
    return this.leaving.during(server, this.activity.track(server.stop()));
  }

  /** Tells of a failure that nobody waits for. */
  report(error: unknown): void {
    logLater(this.logger, 'error', printableLines(messageOf(error)), stackOf(error));
  }

  /** Whether what comes is to be started. One that stops late still runs while the pool stops. */
  get isOn(): boolean {
    const { isStarted, isStopping } = this.activity;
    if (isStarted || isStopping) return isStarted;
    // A management server runs before the pool is started, and one that has failed does not run while it is tried again.
    return [...this.index].some(
      (server) => server.listed && !server.isError() && isWantedUp(server),
    );
  }

  /** Stops all with a parent signal. Nobody awaits it: a failure is told. */
  stopWith(signal: AbortSignal | undefined, stop: () => Promise<unknown>): void {
    this.stopAll = stop;
    if (signal?.aborted) this.stopWithParent();
    else if (signal) stopWith(signal, this);
  }

  /** The parent signal has aborted. */
  stopWithParent(): void {
    this.stopAll().catch((error: unknown) => this.report(error));
  }

  private takeIn(server: PooledServer, file: () => void): void {
    file();
    this.displaced.delete(server);
    this.redirects.update(server);
    server.attach(this);
    if (this.registry.binds(server.name)) server.bindHandlers(this.registry);
    this.events.tell(server, { type: 'added' });
  }

  private left(server: PooledServer): void {
    this.arrivals.end(server);
    this.redirects.remove(server);
    server.leaveHandlers(this.registry);
    this.events.tell(server, { type: 'removed' });
  }
}
