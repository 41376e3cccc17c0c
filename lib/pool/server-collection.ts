import type { Observable } from 'rxjs';
import type { ServerOptions } from '../config/server.config.js';
import { PoolErrorCode } from '../errors/pool.error.js';
import { ServerError, ServerErrorCode } from '../errors/server.error.js';
import type { HandlerRegistry } from '../handler/handler-registry.js';
import { readSettings } from '../server/read-settings.js';
import { logTo } from '../server/guarded-logger.js';
import type { PooledServer } from '../server/pooled-server.js';
import { headline, throwIfAny } from './gather.js';
import type { PoolEvent } from './pool-event.js';
import { assertServer, type PoolMembers } from './members/pool-members.js';
import type { PoolParts } from './pool-parts.js';
import type { PoolOptions } from './pool.options.js';
import { fieldOf, serverMatcher, type ServerField, type ServerMatcher } from './server-query.js';

type Visitor = (bind: string, server: PooledServer) => boolean | void;

/**
 * The servers of a pool as a collection: keyed by bind address, found by name, in the order they
 * came. Iteration is over a snapshot, so servers may come and go meanwhile.
 */
export abstract class ServerCollection implements Iterable<PooledServer> {
  protected readonly options: PoolOptions;
  protected readonly members: PoolMembers;

  /**
   * @param matches The servers of the pool that it shows; all unless told
   * @internal
   */
  protected constructor(
    protected readonly parts: PoolParts,
    private readonly matches?: ServerMatcher,
  ) {
    this.options = parts.options;
    this.members = parts.members;
  }

  /** The shared handlers. @internal */
  get registry(): HandlerRegistry {
    return this.members.registry;
  }

  /** Every change of a server, and every server that comes or goes. */
  get events$(): Observable<PoolEvent> {
    return this.members.events.of((server) => this.shows(server));
  }

  get size(): number {
    return this.matches ? this.servers().length : this.members.index.size;
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
   * over, and drains on its own. The one that is replaced stays in the pool until the other is ready.
   *
   * @throws ServerError `ERR_SERVER_VALIDATE` for a name or an address in use, or what its start
   *   throws; the pool is as before then
   */
  async store(server: PooledServer): Promise<void> {
    assertServer(server);
    await this.parts.store.store(server, { start: false });
  }

  /**
   * Validates the options, makes a server of them and stores it.
   *
   * @param options.start Whether to start it
   * @throws ServerError `ERR_SERVER_VALIDATE` or what the start throws; the pool is as before then
   */
  async storeNew(options: ServerOptions, how?: { start?: boolean } | null): Promise<PooledServer> {
    const server = this.create(options);
    await this.parts.store.store(server, { start: how?.start === true });
    return server;
  }

  /** The server on a bind address, in any spelling, or on the real address of a port 0. */
  load(bind: string): PooledServer | undefined {
    return this.shown(this.members.index.at(bind));
  }

  /** The server of a name. */
  get(name: string): PooledServer | undefined {
    return this.shown(this.members.index.named(name));
  }

  has(bind: string): boolean {
    return this.load(bind) !== undefined;
  }

  /** Takes a server out at once; resolves when it is drained and stopped. False: there was none. */
  async delete(bind: string): Promise<boolean> {
    const server = this.load(bind);
    if (server === undefined) return false;
    this.takeOut(server);
    await this.members.stop(server);
    return true;
  }

  /** Takes a server out as it is, running or not: it is the caller's from now on. */
  loadAndDelete(bind: string): PooledServer | undefined {
    const server = this.load(bind);
    if (server === undefined) return undefined;
    this.takeOut(server);
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
    const all = [...this.members.index];
    return this.matches ? all.filter(this.matches) : all;
  }

  /** Whether it is one of these servers, as it is now. */
  protected shows(server: PooledServer): boolean {
    return this.matches === undefined || this.matches(server);
  }

  /** Whether it shows all servers of the pool. */
  protected get isWhole(): boolean {
    return this.matches === undefined;
  }

  protected takeOut(server: PooledServer): void {
    this.members.remove(server);
    this.parts.store.cancelFor(server);
  }

  protected matching(
    field: ServerField,
    pattern: string | undefined,
    regex: string | RegExp | undefined,
  ): PooledServer[] {
    return this.servers().filter(this.matcherOf(field, pattern, regex));
  }

  /** An invalid regex is logged once: who asks for it every second learns nothing new. */
  protected matcherOf(
    field: ServerField,
    pattern: string | undefined,
    regex: string | RegExp | undefined,
  ): ServerMatcher {
    const { logger } = this.options;
    return serverMatcher(field, pattern, regex, (invalid, { message }) => {
      if (!logger || !this.members.invalidRegexes.isNew(invalid)) return;
      logTo(logger, 'warn', `the regex '${invalid}' is invalid and matches nothing: ${message}`);
    });
  }

  private shown(server: PooledServer | undefined): PooledServer | undefined {
    return server && this.shows(server) ? server : undefined;
  }

  private create(given: ServerOptions): PooledServer {
    if (given === undefined || given === null) {
      const { ERR_SERVER_PARAM_EMPTY } = ServerErrorCode;
      throw new ServerError(ERR_SERVER_PARAM_EMPTY, 'storeNew needs the options of a server');
    }
    const { factory, options } = this.parts;
    const { tls, defaults } = options;
    const { handlers } = factory;
    return factory.make(
      readSettings(given, {
        handlers,
        defaultTls: tls,
        defaults,
        redirectFault: (settings) => this.members.redirectFault(settings),
      }),
    );
  }
}
