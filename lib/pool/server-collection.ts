import type { Observable } from 'rxjs';
import type { ServerOptions } from '../config/server.config.js';
import type { ServerSettings } from '../config/server-settings.js';
import { PoolErrorCode } from '../errors/pool.error.js';
import type { ServerError } from '../errors/server.error.js';
import type { HandlerRegistry } from '../handler/handler-registry.js';
import { readSettings } from '../server/read-settings.js';
import { silentLogger } from '../server/describe-change.js';
import { PooledServer } from '../server/pooled-server.js';
import type { PooledServerOptions } from '../server/pooled-server.options.js';
import { ServerHandlers } from '../handler/server-handlers.js';
import { headline, throwIfAny } from './gather.js';
import type { PoolEvent } from './pool-event.js';
import { assertServer, type PoolMembers } from './members/pool-members.js';
import type { PoolOptions } from './pool.options.js';
import { fieldOf, serverMatcher, type ServerField } from './server-query.js';

type Visitor = (bind: string, server: PooledServer) => boolean | void;

/**
 * The servers of a pool as a collection: keyed by bind address, found by name, in the order they
 * came. Iteration is over a snapshot, so servers may come and go meanwhile.
 */
export abstract class ServerCollection implements Iterable<PooledServer> {
  /** What each of its own servers is given: one object for all. */
  private readonly given: PooledServerOptions;
  private readonly handlers: ServerHandlers;

  /** @internal */
  protected constructor(
    protected readonly options: PoolOptions,
    protected readonly members: PoolMembers,
  ) {
    const { tls, logger } = options;
    this.given = { tls, logger };
    this.handlers = ServerHandlers.sharing(members.registry);
  }

  /** The shared handlers. @internal */
  get registry(): HandlerRegistry {
    return this.members.registry;
  }

  /** Every change of a server, and every server that comes or goes. */
  get events$(): Observable<PoolEvent> {
    return this.members.events;
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
    const { stops } = this.members;
    // Nothing is awaited between coming in and starting: who deletes it meanwhile stops it after.
    if (replaced) await this.store(server);
    else this.members.add(server);
    const isStopped = this.members.stops !== stops || !this.members.index.contains(server);
    if (!start || server.isRunning() || isStopped) return server;
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

  /** The `target` of every server whose `source` matches. */
  list(
    source: ServerField,
    target: ServerField,
    pattern?: string,
    regex?: string | RegExp,
  ): string[] {
    return this.matching(source, pattern, regex).map((server) => fieldOf(server, target));
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

  protected servers(): PooledServer[] {
    return [...this.members.index];
  }

  /** An invalid regex is logged once: who asks for it every second learns nothing new. */
  protected matching(
    field: ServerField,
    pattern: string | undefined,
    regex: string | RegExp | undefined,
  ): PooledServer[] {
    const { logger = silentLogger } = this.options;
    const matches = serverMatcher(field, pattern, regex, (invalid, { message }) => {
      if (!this.members.invalidRegexes.isNew(invalid)) return;
      logger.warn(`the regex '${invalid}' is invalid and matches nothing: ${message}`);
    });
    return this.servers().filter(matches);
  }

  private create(given: ServerOptions): PooledServer {
    const { options, handlers } = this;
    const { tls, defaults } = options;
    return this.createFrom(readSettings(given, { handlers, defaultTls: tls, defaults }));
  }

  protected createFrom(settings: ServerSettings): PooledServer {
    return new PooledServer(settings, this.handlers, this.given);
  }
}
