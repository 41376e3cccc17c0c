import type { ChangeKind } from '../server/endpoint/change-kind.js';

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

export function toPlan(steps: readonly PlanStep[]): PoolPlan {
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
