import type { ServerSettings } from '../../config/server-settings.js';
import type { ChangeKind } from '../../server/endpoint/change-kind.js';
import type { PooledServer } from '../../server/pooled-server.js';
import type { PoolMembers } from '../members/pool-members.js';
import type { ServerMatcher } from '../members/server-query.js';

/** What `apply` does to one server. */
export type PlanAction = ChangeKind | 'add' | 'remove';

/** One server of a plan. */
export interface PlanStep {
  /** The name it has, or will have. */
  readonly server: string;
  /** The bind address it has, or will have. */
  readonly bind: string;
  readonly action: PlanAction;
}

/**
 * What it takes to make a pool equal to a list: a step for each server, in the order of the list,
 * then those to remove; and the names by action.
 */
export interface PoolPlan extends Readonly<Record<PlanAction, readonly string[]>> {
  readonly steps: readonly PlanStep[];
}

/** A server of a pool that may have to change, and the settings it is to have. */
export interface Suspect {
  readonly server: PooledServer;
  readonly settings: ServerSettings;
  /** It is there because of a start that may yet fail. */
  readonly arrives: boolean;
}

/** The difference between a pool and a list, as far as it shows without a look into files. */
export interface ListMatch {
  readonly wanted: readonly ServerSettings[];
  /** Those of the list that may have to change: only they are looked into, and awaited. */
  readonly suspects: readonly Suspect[];
  /** Those of the list that the pool does not have. */
  readonly added: ReadonlySet<ServerSettings>;
  readonly removed: readonly PooledServer[];
  /** The removed ones as they are told: they may change when they have left. */
  readonly removals: readonly PlanStep[];
}

/**
 * A server is known by its name; one whose name the list does not have is known by its address, so
 * that a new name is a change and not a new server.
 *
 * @param wanted No two of them have one name or one address
 * @param concerns The servers that the list is for
 */
export function matchList(
  { index, arrivals }: Pick<PoolMembers, 'index' | 'arrivals'>,
  wanted: readonly ServerSettings[],
  concerns: ServerMatcher,
): ListMatch {
  const kept = new Set<PooledServer>();
  const suspects: Suspect[] = [];
  const added = new Set<ServerSettings>();
  let names: ReadonlySet<string> | undefined;
  for (const settings of wanted) {
    let server = index.named(settings.name);
    if (server === undefined) {
      names ??= new Set(wanted.map(({ name }) => name));
      server = unnamed(index.holder(settings), names);
    }
    if (server === undefined || !concerns(server)) {
      added.add(settings);
      continue;
    }
    kept.add(server);
    const arrives = arrivals.has(server);
    // What it was asked for before comes first, and may leave it with another config, or out of the pool.
    if (server.settings !== settings || server.awaitsChange || arrives) {
      suspects.push({ server, settings, arrives });
    }
  }
  const removed: PooledServer[] = [];
  for (const server of index) if (!kept.has(server) && concerns(server)) removed.push(server);
  return {
    wanted,
    suspects,
    added,
    removed,
    removals: removed.map(({ name, bind }) => ({ server: name, bind, action: 'remove' })),
  };
}

function unnamed(
  server: PooledServer | undefined,
  names: ReadonlySet<string>,
): PooledServer | undefined {
  return server && !names.has(server.name) ? server : undefined;
}

/**
 * The plan as it is told.
 *
 * @param kinds What the suspects take
 */
export function describePlan(
  { wanted, added, removals }: ListMatch,
  kinds: ReadonlyMap<ServerSettings, ChangeKind>,
): PoolPlan {
  const names: Record<PlanAction, string[]> = {
    keep: [],
    live: [],
    swap: [],
    rebind: [],
    add: [],
    remove: [],
  };
  const steps = wanted.map((settings): PlanStep => {
    const { name: server, bind } = settings;
    const action = added.has(settings) ? 'add' : (kinds.get(settings) ?? 'keep');
    return { server, bind: bind.canonical, action };
  });
  steps.push(...removals);
  for (const { server, action } of steps) names[action].push(server);
  return { steps, ...names };
}
