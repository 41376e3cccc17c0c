import type { Observable } from 'rxjs';
import { PoolErrorCode } from '../errors/pool.error.js';
import { printable } from '../errors/printable.js';
import type { MonitorReport } from '../monitor/monitor-report.js';
import { logTo } from '../server/log/guarded-logger.js';
import type { PooledServer } from '../server/pooled-server.js';
import { gather, headline, throwIfAny } from './members/gather.js';
import type { PoolEvent } from './members/pool-event.js';
import type { PoolMembers } from './members/pool-members.js';
import type { PoolParts } from './pool-parts.js';
import type { PoolOptions } from './pool.options.js';
import { poolStats, type PoolStats } from './pool-stats.js';
import {
  fieldOf,
  serverMatcher,
  type ServerField,
  type ServerMatcher,
} from './members/server-query.js';

type Visitor = (bind: string, server: PooledServer) => boolean | void;

/**
 * What can be known of a pool at any time, without changing it. Iteration is over a snapshot, in the
 * order the servers came, so they may come and go meanwhile.
 */
export abstract class PoolFacts implements Iterable<PooledServer> {
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

  /** Whether it is a pool or a view, and can be asked: not all that passes for one is made by its constructor. */
  protected static isOne(value: unknown): value is PoolFacts {
    try {
      return value instanceof PoolFacts && value.size >= 0;
    } catch {
      return false;
    }
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
    const matching = this.servers().filter(this.matcherOf(source, pattern, regex));
    return matching.map((server) => fieldOf(server, target));
  }

  /** Whether at least one server runs. */
  isRunning(): boolean {
    return this.servers().some((server) => server.isRunning());
  }

  /** The longest uptime, in ms. */
  uptime(): number {
    return this.servers().reduce((longest, server) => Math.max(longest, server.uptime()), 0);
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

  /** An invalid regex is logged once: who asks for it every second learns nothing new. */
  protected matcherOf(
    field: ServerField,
    pattern: string | undefined,
    regex: string | RegExp | undefined,
  ): ServerMatcher {
    const { logger } = this.options;
    return serverMatcher(field, pattern, regex, (invalid, why) => {
      if (!logger || !this.parts.invalidRegexes.isNew(invalid)) return;
      const text = `the regex '${invalid}' is invalid and matches nothing: ${why}`;
      logTo(logger, 'warn', printable(text));
    });
  }

  private shown(server: PooledServer | undefined): PooledServer | undefined {
    return server && this.shows(server) ? server : undefined;
  }
}
