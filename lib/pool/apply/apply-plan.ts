import type { ServerSettings } from '../../config/server-settings.js';
import type { ChangeKind } from '../../server/endpoint/change-kind.js';
import type { PooledServer } from '../../server/pooled-server.js';
import type { ServerIndex } from '../members/server-index.js';
import type { ServerMatcher } from '../server-query.js';

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

/** The difference between a pool and a list, as far as it shows without a look into files. */
export interface ListMatch {
  readonly wanted: readonly ServerSettings[];
  /** The servers that the list has; the others are to come. */
  readonly known: ReadonlyMap<ServerSettings, PooledServer>;
  /** Those of the list that may have to change: only they are looked into, and awaited. */
  readonly suspects: readonly ServerSettings[];
  readonly removed: readonly PooledServer[];
}

/**
 * A server is known by its name; one whose name the list does not have is known by its address, so
 * that a new name is a change and not a new server.
 *
 * @param concerns The servers that the list is for
 */
export function matchList(
  index: ServerIndex,
  wanted: readonly ServerSettings[],
  concerns: ServerMatcher,
): ListMatch {
  const known = new Map<ServerSettings, PooledServer>();
  const names = new Set(wanted.map(({ name }) => name));
  for (const settings of wanted) {
    const named = index.named(settings.name);
    const server = named ?? unnamed(index.holder(settings), names);
    if (server && concerns(server)) known.set(settings, server);
  }
  const kept = new Set(known.values());
  return {
    wanted,
    known,
    suspects: wanted.filter((settings) => {
      const server = known.get(settings);
      // What it was asked for before comes first, and may leave it with another config.
      return server && (server.settings !== settings || server.awaitsChange);
    }),
    removed: [...index].filter((server) => concerns(server) && !kept.has(server)),
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
  { wanted, known, removed }: ListMatch,
  kinds: ReadonlyMap<ServerSettings, ChangeKind>,
): PoolPlan {
  return toPlan([
    ...wanted.map((settings) => {
      const { name: server, bind } = settings;
      const action = known.has(settings) ? (kinds.get(settings) ?? 'keep') : 'add';
      return { server, bind: bind.canonical, action } as const;
    }),
    ...removed.map(({ name, bind }) => ({ server: name, bind, action: 'remove' as const })),
  ]);
}

function toPlan(steps: readonly PlanStep[]): PoolPlan {
  const names = (action: PlanAction): string[] =>
    steps.filter((step) => step.action === action).map(({ server }) => server);
  return {
    steps,
    keep: names('keep'),
    live: names('live'),
    swap: names('swap'),
    rebind: names('rebind'),
    add: names('add'),
    remove: names('remove'),
  };
}
