import type { ServerSettings } from '../../config/server-settings.js';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import type { ServerError } from '../../errors/server.error.js';
import type { Listener } from '../../server/listener/listener.js';
import type { PooledServer } from '../../server/pooled-server.js';
import type { Hold } from '../../server/lifecycle/hold.js';
import type { StagedChange } from '../../server/endpoint/server-runtime.js';
import { meanwhile, type ApplyPlan, type PlannedServer } from './apply-plan.js';
import { HeldServers } from './held-servers.js';
import { asServerError, headline, throwIfAny } from '../gather.js';
import type { PoolMembers } from '../members/pool-members.js';

export interface ApplyContext {
  readonly members: PoolMembers;
  /** Makes a stopped server for the pool. */
  readonly create: (settings: ServerSettings) => PooledServer;
  /** Whether what the list adds or enables is started, as things are now. */
  readonly starts: () => boolean;
  /** Aborts when the pool is stopped: what was staged is taken back. */
  readonly signal: AbortSignal;
}

/** A server that the list changes or adds. */
interface Changing {
  readonly planned: PlannedServer;
  readonly server: PooledServer;
}

interface Staged extends Changing {
  readonly change: StagedChange;
}

/**
 * Puts a plan in force. All that can fail (certificates, handlers, new addresses) is staged for all
 * servers first; then the change itself happens within one turn of the event loop, so that no
 * request sees half of it. On a fault everything staged is taken back. Meanwhile the servers it
 * concerns are held: what is called on them waits until it is done.
 *
 * @throws PoolError `ERR_POOL_START` naming each server that could not be staged
 */
export async function putInForce(plan: ApplyPlan, context: ApplyContext): Promise<void> {
  const changing = plan.planned
    .filter(({ action }) => action !== 'keep')
    .map((planned) => ({ planned, server: planned.server ?? context.create(planned.settings) }));
  const held = await HeldServers.hold(changing, plan.removed);
  const { staged, errors } = await stageAll(changing, held, context);
  errors.push(...latecomers(plan, staged, context.members));
  if (errors.length > 0 || context.signal.aborted) {
    await discardAll(staged);
    throw fault({ errors, lost: await held.restore(), changing }, context);
  }
  const left = commitAll(plan, staged, held, context.members);
  const outcomes = await Promise.allSettled(left.map(({ done }) => done));
  const failed = outcomes.flatMap((outcome, at) =>
    outcome.status === 'rejected' ? asServerError(left[at]!.server, outcome.reason) : [],
  );
  throwIfAny(PoolErrorCode.ERR_POOL_STOP, headline(failed, left, 'stopped'), failed);
}

async function stageAll(
  changing: readonly Changing[],
  held: HeldServers,
  { starts, signal }: ApplyContext,
): Promise<{ staged: Staged[]; errors: ServerError[] }> {
  const vacated = held.vacated();
  for (;;) {
    const start = starts();
    const outcomes = await Promise.allSettled(
      changing.map((each) => stage(each, held.of(each.server), { start, vacated, signal })),
    );
    const staged = outcomes.flatMap((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value : [],
    );
    const errors = outcomes.flatMap((outcome, at) =>
      outcome.status === 'rejected' ? asServerError(changing[at]!.server, outcome.reason) : [],
    );
    // The pool was started meanwhile: then what is added has to start, which can fail as well.
    if (errors.length > 0 || start || !starts()) return { staged, errors };
    await discardAll(staged);
  }
}

interface StageContext {
  readonly start: boolean;
  readonly vacated: readonly Listener[];
  readonly signal: AbortSignal;
}

async function stage(changing: Changing, hold: Hold, context: StageContext): Promise<Staged> {
  const { planned, server } = changing;
  const { settings, action } = planned;
  // A server that was stopped on purpose is not started by a change of its config.
  const isAtRest = action !== 'add' && server.state === 'stopped' && !server.disabled;
  const start = context.start && !settings.disabled && !isAtRest;
  return { planned, server, change: await hold.stage(settings, { ...context, start }) };
}

/** What came into the pool, or changed in it, while the plan was staged, and is in its way. */
function latecomers(
  { planned, removed }: ApplyPlan,
  staged: readonly Staged[],
  members: PoolMembers,
): ServerError[] {
  const changed = planned.filter(({ action }) => action !== 'keep');
  const ours = new Set([...removed, ...changed.flatMap(({ server }) => server ?? [])]);
  return staged.flatMap(
    ({ server, planned: { settings } }) => members.faultOf(server, settings, ours) ?? [],
  );
}

/** First all of it: an address can be bound again only when nobody else is bound on it. */
async function discardAll(staged: readonly Staged[]): Promise<void> {
  await Promise.allSettled(staged.map(({ change }) => change.discard()));
}

interface Failure {
  readonly errors: readonly ServerError[];
  /** Of servers that could not get their address back. */
  readonly lost: readonly ServerError[];
  readonly changing: readonly Changing[];
}

function fault({ errors, lost, changing }: Failure, { signal }: ApplyContext): PoolError {
  const outcome = lost.length === 0 ? 'The pool is as before' : 'The list was not put in force';
  const why = signal.aborted ? meanwhile(signal) : headline(errors, changing, 'changed');
  const cause: unknown = signal.aborted ? signal.reason : undefined;
  const all = [...errors, ...lost];
  return new PoolError(PoolErrorCode.ERR_POOL_START, `${outcome}, ${why}`, all, { cause });
}

interface Leaving {
  readonly server: PooledServer;
  readonly done: Promise<unknown>;
}

/** Synchronous up to its end: what is awaited afterwards is only the drain of what has left. */
function commitAll(
  plan: ApplyPlan,
  staged: readonly Staged[],
  held: HeldServers,
  members: PoolMembers,
): Leaving[] {
  const left: Leaving[] = [];
  const commit = ({ server, change }: Staged): void => {
    left.push({ server, done: change.commit().finally(() => held.of(server).release()) });
  };
  const isNew = ({ planned }: Staged): boolean => planned.action === 'add';
  for (const server of plan.removed) members.remove(server);
  // New servers come last: till then another one may stand on their address, or have their name.
  for (const each of staged) if (!isNew(each)) commit(each);
  for (const each of staged) {
    if (!isNew(each)) continue;
    members.add(each.server);
    commit(each);
  }
  for (const server of plan.removed) {
    left.push({ server, done: members.seeOff(server, server.stop()) });
  }
  held.releaseLeaving();
  for (const { server } of staged) {
    const isUp = server.state !== 'stopped';
    if (server.disabled && isUp) left.push({ server, done: server.stop() });
  }
  return left;
}
