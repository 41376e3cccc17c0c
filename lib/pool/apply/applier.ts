import type { ServerOptions } from '../../config/server.config.js';
import type { ServerSettings } from '../../config/server-settings.js';
import type { Steps } from '../../config/steps.js';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import type { ServerError } from '../../errors/server.error.js';
import { delivered } from '../../server/deliver.js';
import { TransitionQueue } from '../../server/lifecycle/transition-queue.js';
import { inShares } from '../../server/lifecycle/turn-share.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { beginChange } from '../../tls/file-texts.js';
import { asServerError, headline, throwIfAny } from '../members/gather.js';
import type { ServerMatcher } from '../members/server-query.js';
import type { ApplyListener, ApplyOutcome } from './apply-outcome.js';
import { describePlan, matchList, type ListMatch, type PoolPlan } from './apply-plan.js';
import { ChangeSet, type Remainder } from './change-set.js';
import type { Change } from './held-servers.js';
import { holdPresent } from './hold-present.js';
import { mergeServers } from './merge-servers.js';
import { deedsOf, goBack } from './go-back.js';
import { failedProbation, onProbation } from './probation.js';
import { readList, refuseTakenElsewhere, type ReadingPool } from './read-list.js';

/** The pool that lists are applied to. */
interface ApplyingPool extends ReadingPool {
  /** Makes a stopped server for it. */
  make(settings: ServerSettings): PooledServer;
}

interface ApplySettings {
  readonly dryRun: boolean;
  /** For so long what has changed must stay healthy; undefined: it need not. */
  readonly probationMs?: number | undefined;
  /** The servers that the list is for; the others are left alone. */
  readonly concerns: ServerMatcher;
}

/** How a call would have to be told of if it ended now; undefined of a dry run, which is none. */
interface Attempt {
  outcome: ApplyOutcome | undefined;
}

interface PuttingInForce extends ApplySettings {
  readonly signal: AbortSignal;
  readonly attempt: Attempt;
}

/** Applies lists of configs to a pool, and merges others into it, one after the other: each finds what the other has made. */
export class Applier {
  /** Each begins in the turn of its call, for it asks for its servers before what is called next does. */
  private readonly queue = new TransitionQueue((begin) => begin());
  private readonly listeners = new Set<ApplyListener>();

  constructor(private readonly pool: ApplyingPool) {}

  /** @param read Reads the options; throws for what they must not be */
  apply(list: readonly ServerOptions[], read: () => ApplySettings): Promise<PoolPlan> {
    const { activity } = this.pool.members;
    // A stop that is asked for while it waits for its turn gives it up as well.
    const applying = activity.during((signal) =>
      this.queue.run('apply', async () => {
        const attempt: Attempt = { outcome: 'rejected' };
        try {
          const options = read();
          if (options.dryRun) attempt.outcome = undefined;
          const { match, set } = await holdPresent(() => this.hold(list, options), signal);
          return await (options.dryRun
            ? this.look(match, set, signal)
            : this.putInForce(match, set, { ...options, signal, attempt }));
        } finally {
          this.tell(attempt);
        }
      }),
    );
    // Who does not await it goes on when it fails, as with any call that waits in line.
    applying.catch(() => undefined);
    return applying;
  }

  /** Returns why some of these servers of another pool were not taken in. */
  merge(others: readonly PooledServer[]): Promise<ServerError[]> {
    const { members } = this.pool;
    return members.activity.during((signal) =>
      this.queue.run('merge', () => mergeServers(others, members, signal)),
    );
  }

  /** Tells what becomes of each call from now on, until the returned function is called. */
  onApplied(listener: ApplyListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private tell({ outcome }: Attempt): void {
    if (outcome !== undefined) for (const listener of this.listeners) listener(outcome);
  }

  private async hold(
    list: readonly ServerOptions[],
    options: ApplySettings,
  ): Promise<{ match: ListMatch; set: ChangeSet }> {
    const { match, holding } = await inShares(this.begin(list, options));
    return { match, set: await holding };
  }

  /** Nothing comes between the end of the reading and the asking for the servers that the list changes. */
  private *begin(
    list: readonly ServerOptions[],
    { concerns, dryRun }: ApplySettings,
  ): Steps<{ match: ListMatch; holding: Promise<ChangeSet> }> {
    const { members } = this.pool;
    beginChange();
    const wanted = yield* readList(list, this.pool, concerns);
    const match = matchList(members, wanted, concerns);
    refuseTakenElsewhere(match.suspects, members);
    const changes: Change[] = match.suspects.map((each) => ({ ...each, isNew: false }));
    if (!dryRun) {
      for (const settings of match.added)
        changes.push({ server: this.pool.make(settings), settings, isNew: true });
    }
    const removed = dryRun ? [] : match.removed;
    return { match, holding: ChangeSet.hold({ changes, removed }, members) };
  }

  /** Finds out what the servers of a list take. Changes and binds nothing. */
  private async look(match: ListMatch, set: ChangeSet, signal: AbortSignal): Promise<PoolPlan> {
    const { kinds, errors } = await set.look(signal);
    await set.undo();
    if (errors.length > 0 || signal.aborted)
      throw fault({ errors, lost: [], changing: match.suspects.length }, signal);
    return describePlan(match, kinds);
  }

  private async putInForce(
    match: ListMatch,
    set: ChangeSet,
    { signal, attempt, probationMs }: PuttingInForce,
  ): Promise<PoolPlan> {
    const { members } = this.pool;
    attempt.outcome = 'rolled_back';
    const errors = await set.stage({ starts: () => members.isOn, signal });
    errors.push(...set.conflicts());
    if (errors.length > 0 || signal.aborted) {
      const { changing } = set;
      throw fault({ errors, lost: await set.undo(), changing }, signal);
    }
    const { ready } = set;
    const deeds = probationMs === undefined ? [] : deedsOf(set, members);
    const left = whenDrained(set.commit());
    attempt.outcome = 'applied';
    if (probationMs !== undefined) {
      // Told below; it must not be unheard of while the others are on probation.
      left.catch(() => undefined);
      const changed = deeds.filter(({ after }) => after).map(({ server }) => server);
      const unhealthy = await onProbation(changed, probationMs, { members, signal });
      if (unhealthy.length > 0) {
        attempt.outcome = 'rolled_back';
        const lost = await goBack(deeds, { members, signal });
        throw failedProbation(unhealthy, lost, probationMs);
      }
    }
    await left;
    await set.released;
    await delivered();
    const kinds = new Map(ready.map(({ settings, change }) => [settings, change.kind]));
    return describePlan(match, kinds);
  }
}

/** Resolves when what has left is drained. */
async function whenDrained(left: readonly Remainder[]): Promise<void> {
  const outcomes = await Promise.allSettled(left.map(({ done }) => done));
  const failed = outcomes.flatMap((outcome, at) =>
    outcome.status === 'rejected' ? asServerError(left[at]!.server, outcome.reason) : [],
  );
  throwIfAny(PoolErrorCode.ERR_POOL_STOP, headline(failed, left, 'stopped'), failed);
}

interface Failure {
  readonly errors: readonly ServerError[];
  /** Of servers that could not get their address back. */
  readonly lost: readonly ServerError[];
  /** How many servers the list would have changed. */
  readonly changing: number;
}

function fault({ errors, lost, changing }: Failure, signal: AbortSignal): PoolError {
  const outcome = lost.length === 0 ? 'The pool is as before' : 'The list was not put in force';
  const { ERR_POOL_START } = PoolErrorCode;
  if (!signal.aborted) {
    const why = `${errors.length} of ${changing} servers could not be changed`;
    return new PoolError(ERR_POOL_START, `${outcome}, ${why}`, [...errors, ...lost]);
  }
  const cause = signal.reason as Error;
  return new PoolError(ERR_POOL_START, `${outcome}, ${cause.message} meanwhile`, lost, { cause });
}
