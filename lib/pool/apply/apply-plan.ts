import type { ServerSettings } from '../../config/server-settings.js';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import type { ServerError } from '../../errors/server.error.js';
import type { PooledServer } from '../../server/pooled-server.js';
import type { ChangeKind } from '../../server/endpoint/change-kind.js';
import { startError } from '../../errors/start-error.js';
import { headline, throwIfAny } from '../gather.js';
import type { ServerIndex } from '../members/server-index.js';

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

/** One server as the list wants it: a new one, or one of the pool with settings that may differ. */
export interface PlannedServer {
  readonly settings: ServerSettings;
  readonly server?: PooledServer;
  readonly action: Exclude<PlanAction, 'remove'>;
}

/** The difference between a pool and a list. */
export interface ApplyPlan {
  readonly planned: readonly PlannedServer[];
  readonly removed: readonly PooledServer[];
}

/**
 * Finds out what each server of the pool has to become. Changes and binds nothing.
 *
 * @throws PoolError `ERR_POOL_START` when certificates or a default TLS can't be read any more
 */
export async function planApply(
  index: ServerIndex,
  wanted: readonly ServerSettings[],
  signal: AbortSignal,
): Promise<ApplyPlan> {
  const matches = matchServers(index, wanted);
  // Of a thousand servers one has changed: only what has is looked into, and awaited.
  const changed = [...matches].filter(([settings, server]) => server.settings !== settings);
  const looks = changed.map(([settings, server]) => server.kindOf(settings, signal));
  const outcomes = await Promise.allSettled(looks);
  const kinds = new Map<ServerSettings, ChangeKind>();
  const errors: ServerError[] = [];
  for (const [at, [settings]] of changed.entries()) {
    const outcome = outcomes[at]!;
    if (outcome.status === 'fulfilled') kinds.set(settings, outcome.value);
    else errors.push(faultOf(settings, outcome.reason));
  }
  if (errors.length > 0 && signal.aborted) {
    const headline = `The pool is as before, ${meanwhile(signal)}`;
    throw new PoolError(PoolErrorCode.ERR_POOL_START, headline, [], { cause: signal.reason });
  }
  const what = `The pool is as before, ${headline(errors, wanted, 'compared with the list')}`;
  throwIfAny(PoolErrorCode.ERR_POOL_START, what, errors);
  const kept = new Set(matches.values());
  return {
    planned: wanted.map((settings) => {
      const server = matches.get(settings);
      if (server === undefined) return { settings, action: 'add' };
      // What it was asked for before comes first, and may leave it with another config.
      const otherwise = server.awaitsChange ? 'live' : 'keep';
      return { settings, server, action: kinds.get(settings) ?? otherwise };
    }),
    removed: [...index].filter((server) => !kept.has(server)),
  };
}

/** «the pool was stopped meanwhile» */
export function meanwhile({ reason }: AbortSignal): string {
  return `${(reason as Error).message} meanwhile`;
}

function faultOf({ name, bind }: ServerSettings, cause: unknown): ServerError {
  return startError({ name, bind: bind.canonical }, cause);
}

/** The plan as it is told. */
export function describePlan({ planned, removed }: ApplyPlan): PoolPlan {
  return toPlan([
    ...planned.map(({ settings, action }) => {
      return { server: settings.name, bind: settings.bind.canonical, action };
    }),
    ...removed.map(({ name, bind }) => ({ server: name, bind, action: 'remove' as const })),
  ]);
}

/**
 * A server is known by its name; one whose name the list does not have is known by its address, so
 * that a new name is a change and not a new server.
 */
function matchServers(
  index: ServerIndex,
  wanted: readonly ServerSettings[],
): Map<ServerSettings, PooledServer> {
  const matches = new Map<ServerSettings, PooledServer>();
  const names = new Set(wanted.map(({ name }) => name));
  for (const settings of wanted) {
    const server = index.named(settings.name) ?? unnamed(index.holder(settings), names);
    if (server) matches.set(settings, server);
  }
  return matches;
}

function unnamed(
  server: PooledServer | undefined,
  names: ReadonlySet<string>,
): PooledServer | undefined {
  return server && !names.has(server.name) ? server : undefined;
}
