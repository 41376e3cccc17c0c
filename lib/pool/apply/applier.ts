import type { ServerOptions } from '../../config/server.config.js';
import type { ServerSettings } from '../../config/server-settings.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { TransitionQueue } from '../../server/lifecycle/transition-queue.js';
import { putInForce } from './put-in-force.js';
import { describePlan, planApply } from './apply-plan.js';
import { readPoolServers } from '../create-servers.js';
import type { PoolMembers } from '../members/pool-members.js';
import type { PoolOptions } from '../pool.options.js';
import type { PoolPlan } from './apply-plan.js';
import { nameOf, sameOptions } from './same-options.js';

/** The pool that lists are applied to. */
export interface ApplyingPool {
  readonly members: PoolMembers;
  readonly options: PoolOptions;
  /** Makes a stopped server for it. */
  create(settings: ServerSettings): PooledServer;
  /** Whether what a list adds or enables is started, as things are now. */
  starts(): boolean;
}

/** Applies lists of configs to a pool, one after the other: each finds what the other has made. */
export class Applier {
  private readonly queue = new TransitionQueue();
  private staging = new AbortController();

  constructor(private readonly pool: ApplyingPool) {}

  apply(list: readonly ServerOptions[], { dryRun }: { dryRun: boolean }): Promise<PoolPlan> {
    return this.queue.run('apply', async () => {
      const { members } = this.pool;
      const { signal } = this.staging;
      const plan = await planApply(members.index, this.read(list), signal);
      const described = describePlan(plan);
      const create = (settings: ServerSettings): PooledServer => this.pool.create(settings);
      const starts = (): boolean => this.pool.starts();
      if (!dryRun) await members.track(putInForce(plan, { members, create, starts, signal }));
      return described;
    });
  }

  /** Aborts when what is under way is given up. */
  get signal(): AbortSignal {
    return this.staging.signal;
  }

  /** An `apply` that is staged or planned is over: it might wait, and servers it holds with it. */
  giveUp(why: string): void {
    this.staging.abort(new Error(why));
    this.staging = new AbortController();
  }

  /** Reads a list, and of servers that it does not change nothing. */
  private read(list: readonly ServerOptions[]): ServerSettings[] {
    const { tls, defaults } = this.pool.options;
    const { registry } = this.pool.members;
    const known = (item: unknown): ServerSettings | undefined => this.unchanged(item);
    const { settings, error } = readPoolServers(list, { registry, tls, defaults, known });
    if (error) throw error;
    return settings;
  }

  /** Certificates are files that may have changed under the same name: those are read again. */
  private unchanged(item: unknown): ServerSettings | undefined {
    const { members, options } = this.pool;
    const name = nameOf(item);
    const server = name === undefined ? undefined : members.index.named(name);
    if (server === undefined || server.settings.tls) return undefined;
    return sameOptions(item, server.config, options.defaults) ? server.settings : undefined;
  }
}
