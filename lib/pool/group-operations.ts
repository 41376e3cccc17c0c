import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import type { ServerError } from '../errors/server.error.js';
import type { PooledServer } from '../server/pooled-server.js';
import type { DrainReport } from '../server/server-state.js';
import { unlessAborted } from '../server/drain/unless-aborted.js';
import { gather, headline, throwIfAny } from './members/gather.js';
import { askedSince, isWantedUp, mayBeDown, successorsOf } from './members/last-word.js';
import type { PoolMembers } from './members/pool-members.js';

const { ERR_POOL_RESTART, ERR_POOL_START, ERR_POOL_STOP } = PoolErrorCode;

/** The servers that a call is for, now. */
type Select = () => readonly PooledServer[];

interface StartAll {
  readonly signal: AbortSignal | undefined;
  readonly members: PoolMembers;
  /** Whether the pool has not been stopped meanwhile. */
  readonly isWanted: () => boolean;
}

/**
 * Those that no list is about start before all others, so that a management server tells how far the
 * start has come. Once the signal of the pool has aborted, nothing starts.
 *
 * @param select The servers to start; asked again when they have, for others may have come in their places
 */
export async function startAll(
  select: Select,
  { signal, members, isWanted }: StartAll,
): Promise<void> {
  throwIfAborted(members.signal, ERR_POOL_START, 'No server was started');
  throwIfAborted(signal, ERR_POOL_START, 'No server was started');
  const ours = new Set<PooledServer>();
  const stopping: Promise<unknown>[] = [];
  const giveUp = (): void => {
    // One that was taken out meanwhile belongs to somebody else.
    for (const server of ours) if (members.contains(server)) stopping.push(server.stop());
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  const isOver = (): boolean => signal?.aborted === true || !isWanted();
  // One that somebody else starts is not this call's to stop, nor to wait for once it is given up.
  const start = (server: PooledServer): Promise<void> => {
    const starting = members.departures.unlessTaken(server, server.start());
    return ours.has(server) ? starting : unlessAborted(starting, signal);
  };
  // Of one that was taken out meanwhile it is no longer the pool's affair how it fares.
  const concerns = (server: PooledServer): boolean => members.contains(server);
  const seen = new Set<PooledServer>();
  const errors: ServerError[] = [];
  let next = select().filter(mayBeDown);
  while (next.length > 0) {
    const isStopped = askedSince('stopsAsked', next);
    for (const server of next) if (!isWantedUp(server)) ours.add(server);
    for (const server of next) seen.add(server);
    for (const listed of [false, true]) {
      if (isOver()) break;
      const group = next.filter((server) => server.listed === listed && !isStopped(server));
      if (group.length > 0) errors.push(...(await gather(group, start, { concerns })).errors);
    }
    if (isOver()) break;
    const successors = successorsOf(next, members);
    next = select().filter((server) => successors.has(server) && !seen.has(server));
    next = next.filter(mayBeDown);
  }
  const isGivenUp = signal?.aborted === true;
  signal?.removeEventListener('abort', giveUp);
  await Promise.allSettled(stopping);
  if (isGivenUp) throwIfAborted(signal, ERR_POOL_START, 'The start was given up and taken back');
  throwIfAny(ERR_POOL_START, headline(errors, [...seen], 'started'), errors);
}

interface StopAll {
  /** When it aborts, what is left is cut. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Those that are there at the call, stopped ones too: what they are asked for since is the last word. */
  readonly all: readonly PooledServer[];
  readonly stop?: (server: PooledServer, timeoutMs: number | undefined) => Promise<DrainReport>;
  /** Settles when all is over that was asked for before: it may have brought servers that run. */
  readonly othersDone?: (() => Promise<void>) | undefined;
}

/**
 * Those with `shutdown.last` stop after all others, so that a management server answers for as long
 * as there is something to manage.
 *
 * @param select The servers to stop; asked again when some have stopped, for others may have come,
 *   by that management server perhaps, or the rest be wanted again
 */
export async function stopAll(
  select: Select,
  {
    signal,
    timeoutMs,
    all,
    stop = (server, timeout) => server.stop({ timeout }),
    othersDone = () => Promise.resolve(),
  }: StopAll,
): Promise<DrainReport[]> {
  const seen = new Set<PooledServer>();
  const pending = new Set<PooledServer>();
  const waiting = new Set<PooledServer>();
  const reports: DrainReport[] = [];
  const errors: ServerError[] = [];
  const stopOne = (server: PooledServer): Promise<DrainReport> => {
    seen.add(server);
    const stopping = stop(server, signal?.aborted ? 0 : timeoutMs);
    if (signal === undefined) return stopping;
    // A grace of nothing leaves the delay before it as it is.
    if (signal.aborted) server.hurry(0);
    // One that has stopped may be stopped by others again, who have their own time for it.
    pending.add(server);
    const stopped = (): boolean => pending.delete(server);
    stopping.then(stopped, stopped);
    return stopping;
  };
  const hurry = (): void => pending.forEach((server) => server.hurry(0));
  signal?.addEventListener('abort', hurry, { once: true });
  const isStarted = askedSince('startsAsked', all);
  const stopThese = async (left: readonly PooledServer[]): Promise<void> => {
    const group = left.filter(({ settings }) => !settings.shutdown.last);
    // The next application of a process starts while this one still stops.
    const last = left.filter(({ settings }) => settings.shutdown.last);
    for (const server of last) waiting.add(server);
    // Not those that it has stopped before: they were started since.
    if (group.length > 0) for (const server of last) server.beginLeaving();
    const gathered = await gather(group.length > 0 ? group : left, stopOne);
    reports.push(...gathered.results);
    errors.push(...gathered.errors);
  };
  for (let areOthersDone = false; ;) {
    const left = select().filter((server) => !seen.has(server) && !isStarted(server));
    if (left.length > 0) await stopThese(left);
    else if (areOthersDone) break;
    else await othersDone().then(() => (areOthersDone = true));
  }
  for (const server of waiting) if (!seen.has(server)) server.endLeaving();
  signal?.removeEventListener('abort', hurry);
  throwIfAny(ERR_POOL_STOP, headline(errors, [...seen], 'stopped'), errors);
  return reports;
}

interface RestartAll {
  readonly signal?: AbortSignal;
  readonly concurrency: number;
  /** Aborts when the pool is stopped meanwhile. */
  readonly stopped: AbortSignal;
  readonly members: PoolMembers;
}

/** @param select As of {@link startAll} */
export async function restartAll(
  select: Select,
  { signal, concurrency, stopped, members }: RestartAll,
): Promise<void> {
  throwIfAborted(members.signal, ERR_POOL_RESTART, 'No server was restarted');
  throwIfAborted(signal, ERR_POOL_RESTART, 'No server was restarted');
  // One that was taken out, or replaced, while its turn had come is no longer the pool's affair.
  const concerns = (server: PooledServer): boolean => members.contains(server);
  const seen = new Set<PooledServer>();
  const errors: ServerError[] = [];
  let next = select();
  while (next.length > 0) {
    for (const server of next) seen.add(server);
    const isStopped = askedSince('stopsAsked', next);
    const work = async (server: PooledServer): Promise<void> => {
      // Its turn comes late: who was deleted or stopped meanwhile is not to be started again.
      const isWanted = !stopped.aborted && members.contains(server);
      if (!isWanted || isStopped(server)) return;
      await members.departures.unlessTaken(server, server.restart());
    };
    errors.push(...(await gather(next, work, { concurrency, signal, concerns })).errors);
    const successors = successorsOf(next, members);
    next = select().filter((server) => successors.has(server) && !seen.has(server));
    next = next.filter(mayBeDown);
  }
  throwIfAny(ERR_POOL_RESTART, headline(errors, [...seen], 'restarted'), errors);
  throwIfAborted(signal, ERR_POOL_RESTART, 'The restart was given up half way');
}

function throwIfAborted(signal: AbortSignal | undefined, code: PoolErrorCode, what: string): void {
  if (!signal?.aborted) return;
  throw new PoolError(code, `${what}, the signal was aborted`, [], { cause: signal.reason });
}
