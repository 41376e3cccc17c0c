import { filter, type Observable } from 'rxjs';
import type { HandlerSource } from '../../handler/handler.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { PoolMembers, type ToldEvent } from './pool-members.js';
import type { SaidOnce } from '../server-query.js';

/** Some servers of a pool. What comes or goes here does so in the pool. */
export class PoolView extends PoolMembers {
  override readonly invalidRegexes: SaidOnce;
  /** Those that ever were in the view: one that leaves is heard until it has stopped. */
  private readonly heard: WeakSet<PooledServer>;

  constructor(
    private readonly pool: PoolMembers,
    servers: readonly PooledServer[],
  ) {
    super(pool.registry, pool.signal);
    this.invalidRegexes = pool.invalidRegexes;
    this.heard = new WeakSet(servers);
    for (const server of servers) this.index.add(server);
  }

  override get tellings(): Observable<ToldEvent> {
    return this.pool.tellings.pipe(filter(({ server }) => this.heard.has(server)));
  }

  /** The pool's word: what left it since is no longer to be started here. */
  override contains(server: PooledServer): boolean {
    return this.index.contains(server) && this.pool.contains(server);
  }

  override add(server: PooledServer): PooledServer | undefined {
    this.heard.add(server);
    const replaced = this.pool.add(server);
    if (replaced) this.index.remove(replaced);
    this.index.add(server);
    return replaced;
  }

  override faultOf(
    ...args: Parameters<PoolMembers['faultOf']>
  ): ReturnType<PoolMembers['faultOf']> {
    return this.pool.faultOf(...args);
  }

  override takeBack(server: PooledServer, replaced: PooledServer | undefined): void {
    this.pool.takeBack(server, replaced);
    this.index.remove(server);
    if (replaced) this.index.add(replaced);
  }

  override remove(server: PooledServer): boolean {
    this.index.remove(server);
    return this.pool.remove(server);
  }

  override seeOff<T>(server: PooledServer, work: Promise<T>): Promise<T> {
    return this.pool.seeOff(server, work);
  }

  /** Only the servers of the view get them: from here on they have a registry of their own. */
  override setHandlers(source: HandlerSource | undefined): void {
    const registry = this.registry.clone();
    registry.setSource(source);
    for (const server of this.index) server.shareHandlers(registry);
  }
}
