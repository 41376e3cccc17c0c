import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import type { ServerError } from '../errors/server.error.js';
import { realBind } from '../server/bind-next.js';
import type { Listener } from '../server/listener.js';
import type { PooledServer } from '../server/pooled-server.js';
import type { StagedChange } from '../server/server-runtime.js';
import type { ApplyPlan, PlannedServer } from './apply-plan.js';
import { asServerError, headline, throwIfAny } from './gather.js';
import type { PoolMembers } from './pool-members.js';

export interface ApplyContext {
  readonly members: PoolMembers;
  /** Makes a stopped server for the pool. */
  readonly create: (planned: PlannedServer) => PooledServer;
  /** Whether what the list adds or enables is started. */
  readonly starts: boolean;
}

interface Staged {
  readonly planned: PlannedServer;
  readonly server: PooledServer;
  /** Absent for a server that is added and not started: there is nothing that could fail. */
  readonly change?: StagedChange;
}

/**
 * Puts a plan in force. All that can fail (certificates, handlers, new addresses) is staged for all
 * servers first; then the change itself happens within one turn of the event loop, so that no
 * request sees half of it. On a fault everything staged is taken back.
 *
 * @throws PoolError `ERR_POOL_START` naming each server that could not be staged
 */
export async function putInForce(plan: ApplyPlan, context: ApplyContext): Promise<void> {
  const staged = await stageAll(plan, context);
  const left = commitAll(plan, staged, context);
  const outcomes = await Promise.allSettled(left.map(({ done }) => done));
  const errors = outcomes.flatMap((outcome, at) =>
    outcome.status === 'rejected' ? asServerError(left[at]!.server, outcome.reason) : [],
  );
  throwIfAny(PoolErrorCode.ERR_POOL_STOP, headline(errors, left, 'stopped'), errors);
}

async function stageAll(plan: ApplyPlan, context: ApplyContext): Promise<Staged[]> {
  const changed = plan.planned.filter(({ action }) => action !== 'keep');
  const vacated = vacatedListeners(plan);
  const outcomes = await Promise.allSettled(
    changed.map((planned) => stage(planned, vacated, context)),
  );
  const staged = outcomes.flatMap((outcome) =>
    outcome.status === 'fulfilled' ? [outcome.value] : [],
  );
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as ServerError] : [],
  );
  errors.push(...latecomers(plan, staged, context.members));
  if (errors.length === 0) return staged;
  await Promise.allSettled(staged.map(async ({ change }) => change?.discard()));
  const what = `The pool is as before, ${headline(errors, changed, 'changed')}`;
  throw new PoolError(PoolErrorCode.ERR_POOL_START, what, errors);
}

/** Listeners that their servers leave: a server that comes to such an address takes it over. */
function vacatedListeners({ planned, removed }: ApplyPlan): Map<string, Listener> {
  const moving = planned.filter(({ action }) => action === 'rebind').map(({ server }) => server);
  const vacated = new Map<string, Listener>();
  for (const server of [...moving, ...removed]) {
    if (server?.listener) vacated.set(realBind(server.listener).canonical, server.listener);
  }
  return vacated;
}

async function stage(
  planned: PlannedServer,
  vacated: ReadonlyMap<string, Listener>,
  context: ApplyContext,
): Promise<Staged> {
  const { settings } = planned;
  const server = planned.server ?? context.create(planned);
  const start = context.starts && !settings.disabled && (!planned.server || !isAtRest(server));
  if (planned.action === 'add' && !start) return { planned, server };
  const handedOver = vacated.get(settings.bind.canonical);
  const change = await server.beginChange(() => settings, { start, handedOver });
  return { planned, server, change };
}

/** Stopped on purpose: a change of its config does not start it. */
function isAtRest(server: PooledServer): boolean {
  return server.state === 'stopped' && !server.disabled;
}

/** What came into the pool while the plan was staged, and is in its way. */
function latecomers(
  plan: ApplyPlan,
  staged: readonly Staged[],
  members: PoolMembers,
): ServerError[] {
  const ours = new Set([...plan.removed, ...plan.planned.flatMap(({ server }) => server ?? [])]);
  return staged.flatMap(
    ({ server, planned }) => members.faultOf(server, planned.settings, ours) ?? [],
  );
}

interface Leaving {
  readonly server: PooledServer;
  readonly done: Promise<unknown>;
}

/** Synchronous up to its end: what is awaited afterwards is only the drain of what has left. */
function commitAll(
  plan: ApplyPlan,
  staged: readonly Staged[],
  { members }: ApplyContext,
): Leaving[] {
  const left: Leaving[] = [];
  for (const server of plan.removed) members.remove(server);
  for (const { server, planned, change } of staged) {
    if (planned.action === 'add') members.add(server);
    if (change) left.push({ server, done: change.commit() });
  }
  for (const server of plan.removed) {
    left.push({ server, done: members.seeOff(server, server.stop()) });
  }
  for (const { server } of staged) {
    if (server.disabled && server.isRunning()) left.push({ server, done: server.stop() });
  }
  return left;
}
