import { map, Subject, type Observable } from 'rxjs';
import type { ServerSettings } from '../../config/server-settings.js';
import { ServerError, ServerErrorCode, type ConfigIssue } from '../../errors/server.error.js';
import type { HandlerSource } from '../../handler/handler.js';
import type { HandlerRegistry } from '../../handler/handler-registry.js';
import { PooledServer, type ServerHost } from '../../server/pooled-server.js';
import type { ServerChange } from '../../server/server-state.js';
import type { PoolEvent } from '../pool-event.js';
import { SaidOnce } from '../server-query.js';
import { ServerIndex } from './server-index.js';

/** An event, and the server itself: its name may change. */
export interface ToldEvent {
  readonly server: PooledServer;
  readonly event: PoolEvent;
}

/**
 * Who is in a pool: keeps the index true while servers come, go and take other configs, and tells
 * what happens to them. A server that leaves is heard until it has stopped.
 */
export class PoolMembers implements ServerHost {
  readonly index = new ServerIndex();
  readonly alone: readonly PoolMembers[] = [this];
  /** Regexes that were logged to be invalid. */
  readonly invalidRegexes: SaidOnce = new SaidOnce();
  /** How often the pool was stopped: what waited meanwhile starts nothing after it. */
  stops = 0;
  private readonly told = new Subject<ToldEvent>();
  /** Drains of servers that are no longer in the pool, and changes under way. */
  private readonly pending = new Set<Promise<unknown>>();

  constructor(
    readonly registry: HandlerRegistry,
    readonly signal?: AbortSignal,
  ) {}

  /** Every event with the server that it is of. */
  get tellings(): Observable<ToldEvent> {
    return this.told;
  }

  get events(): Observable<PoolEvent> {
    return this.tellings.pipe(map(({ event }) => event));
  }

  /** Whether the pool has this very server, now. */
  contains(server: PooledServer): boolean {
    return this.index.contains(server);
  }

  conflicts(settings: ServerSettings, server: PooledServer): ConfigIssue[] {
    return this.index.contains(server) ? this.index.conflicts(settings, new Set([server])) : [];
  }

  changed(server: PooledServer, change: ServerChange): void {
    if (change.type === 'config') this.index.update(server);
    this.tell(server, change);
  }

  /**
   * Takes a server in; one on exactly its address leaves and is returned.
   *
   * @throws ServerError `ERR_SERVER_VALIDATE` for a name or an address that another one has
   */
  add(server: PooledServer): PooledServer | undefined {
    const replaced = this.index.holder(server.settings);
    const fault = this.faultOf(server, server.settings, new Set(replaced ? [replaced] : []));
    if (fault) throw fault;
    server.attach(this);
    if (replaced) this.index.replace(replaced, server);
    else this.index.add(server);
    if (replaced) this.tell(replaced, { type: 'removed' });
    this.tell(server, { type: 'added' });
    return replaced;
  }

  /** What keeps a server with these settings out, beside the servers of `except`. */
  faultOf(
    server: PooledServer,
    settings: ServerSettings,
    except: ReadonlySet<PooledServer>,
  ): ServerError | undefined {
    const issues = this.index.conflicts(settings, new Set([server, ...except]));
    const { name, bind } = settings;
    if (issues.length === 0) return undefined;
    return ServerError.forConfig(issues, { server: name, bind: bind.canonical });
  }

  /** Undoes {@link add}. */
  takeBack(server: PooledServer, replaced: PooledServer | undefined): void {
    if (!this.index.contains(server)) return;
    if (replaced) this.index.replace(server, replaced);
    else this.index.remove(server);
    server.detach(this);
    this.tell(server, { type: 'removed' });
    if (replaced) this.tell(replaced, { type: 'added' });
  }

  /** Sets the handlers of all servers that have none of their own. */
  setHandlers(source: HandlerSource | undefined): void {
    this.registry.setSource(source);
    for (const server of this.index) server.refreshHandler();
  }

  /** A running server hands its socket to the one that replaces it, and drains. */
  async handOver(replaced: PooledServer, server: PooledServer): Promise<void> {
    const taken = replaced.handOver(server);
    this.seeOff(replaced, taken.drained).catch(() => undefined);
    await taken.serving;
  }

  /** Takes a server out; false when it is not in the pool. */
  remove(server: PooledServer): boolean {
    const removed = this.index.remove(server);
    if (removed) this.tell(server, { type: 'removed' });
    return removed;
  }

  /** Hears a server that was taken out until its last work is done. */
  async seeOff<T>(server: PooledServer, work: Promise<T>): Promise<T> {
    try {
      return await this.track(work);
    } finally {
      if (!this.index.contains(server)) server.detach(this);
    }
  }

  /** Work that a stop waits for. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.pending.add(work);
    try {
      return await work;
    } finally {
      this.pending.delete(work);
    }
  }

  /** Resolves when every server that has left the pool is drained, and no change is under way. */
  async allDone(): Promise<void> {
    await Promise.allSettled(this.pending);
  }

  private tell(
    server: PooledServer,
    change: Pick<PoolEvent, 'type'> & Partial<Omit<ServerChange, 'type'>>,
  ): void {
    if (!this.told.observed) return;
    const { name, bind, state } = server;
    const time = Date.now();
    const { previous = state } = change;
    const event = Object.freeze({ state, ...change, previous, server: name, bind, time });
    this.told.next({ server, event });
  }
}

/** Refuses what is not a server. */
export function assertServer(server: unknown): asserts server is PooledServer {
  if (server instanceof PooledServer) return;
  const isEmpty = server === undefined || server === null;
  throw new ServerError(
    isEmpty ? ServerErrorCode.ERR_SERVER_PARAM_EMPTY : ServerErrorCode.ERR_SERVER_INVALID_INSTANCE,
    'a pool holds servers made with PooledServer.create or storeNew',
  );
}
