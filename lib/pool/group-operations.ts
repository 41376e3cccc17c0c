import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import type { ServerError } from '../errors/server.error.js';
import type { PooledServer } from '../server/pooled-server.js';
import type { DrainReport } from '../server/server-state.js';
import { gather, headline, throwIfAny } from './members/gather.js';
import type { PoolMembers } from './members/pool-members.js';

const { ERR_POOL_RESTART, ERR_POOL_START, ERR_POOL_STOP } = PoolErrorCode;

interface StartAll {
  readonly signal: AbortSignal | undefined;
  readonly members: PoolMembers;
  /** Whether the pool has not been stopped meanwhile. */
  readonly isWanted: () => boolean;
}

/**
 * Those that no list is about start before all others, so that a management server tells how far the
 * start has come. Once the signal of the pool has aborted, nothing starts.
 */
export async function startAll(
  all: readonly PooledServer[],
  { signal, members, isWanted }: StartAll,
): Promise<void> {
  throwIfAborted(members.signal, ERR_POOL_START, 'No server was started');
  throwIfAborted(signal, ERR_POOL_START, 'No server was started');
  const servers = all.filter((server) => !server.isRunning());
  // One that somebody else starts is not this call's to stop.
  const ours = servers.filter((server) => !server.isStarting);
  const stopping: Promise<unknown>[] = [];
  const giveUp = (): void => {
    for (const server of ours) stopping.push(server.stop());
  };
  signal?.addEventListener('abort', giveUp, { once: true });
  const start = (server: PooledServer): Promise<void> => server.start();
  // Of one that was taken out meanwhile it is no longer the pool's affair how it fares.
  const concerns = (server: PooledServer): boolean => members.contains(server);
  const [ahead, others] = [
    servers.filter(({ listed }) => !listed),
    servers.filter(({ listed }) => listed),
  ];
  const errors = ahead.length > 0 ? (await gather(ahead, start, { concerns })).errors : [];
  if (ahead.length === 0 || (!signal?.aborted && isWanted())) {
    errors.push(...(await gather(others, start, { concerns })).errors);
  }
  signal?.removeEventListener('abort', giveUp);
  await Promise.allSettled(stopping);
  throwIfAborted(signal, ERR_POOL_START, 'The start was given up and taken back');
  throwIfAny(ERR_POOL_START, headline(errors, servers, 'started'), errors);
}

interface StopAll {
  /** When it aborts, what is left is cut. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly stop?: (server: PooledServer, timeoutMs: number | undefined) => Promise<DrainReport>;
}

/**
 * Those with `shutdown.last` stop after all others, so that a management server answers for as long
 * as there is something to manage.
 *
 * @param select The servers to stop; asked again when some have stopped, for others may have come,
 *   by that management server perhaps, or the rest be wanted again
 */
export async function stopAll(
  select: () => readonly PooledServer[],
  { signal, timeoutMs, stop = (server, timeout) => server.stop({ timeout }) }: StopAll,
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
  for (;;) {
    const left = select().filter((server) => !seen.has(server));
    const group = left.filter(({ settings }) => !settings.shutdown.last);
    if (left.length === 0) break;
    // The next application of a process starts while this one still stops.
    for (const server of left) if (server.settings.shutdown.last) waiting.add(server);
    if (group.length > 0) for (const server of waiting) server.beginLeaving();
    const gathered = await gather(group.length > 0 ? group : left, stopOne);
    reports.push(...gathered.results);
    errors.push(...gathered.errors);
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

export async function restartAll(
  all: readonly PooledServer[],
  { signal, concurrency, stopped, members }: RestartAll,
): Promise<void> {
  throwIfAborted(members.signal, ERR_POOL_RESTART, 'No server was restarted');
  throwIfAborted(signal, ERR_POOL_RESTART, 'No server was restarted');
  const ran = new Set(all.filter((server) => server.isRunning()));
  const work = async (server: PooledServer): Promise<void> => {
    // Its turn comes late: who was deleted or stopped meanwhile is not to be started again.
    const isStopped = server.state === 'stopped' || server.state === 'draining';
    const isWanted = !stopped.aborted && members.contains(server);
    if (isWanted && !(ran.has(server) && isStopped)) await server.restart();
  };
  // One that was taken out, or replaced, while its turn had come is no longer the pool's affair.
  const concerns = (server: PooledServer): boolean => members.contains(server);
  const { errors } = await gather(all, work, { concurrency, signal, concerns });
  throwIfAny(ERR_POOL_RESTART, headline(errors, all, 'restarted'), errors);
  throwIfAborted(signal, ERR_POOL_RESTART, 'The restart was given up half way');
}

function throwIfAborted(signal: AbortSignal | undefined, code: PoolErrorCode, what: string): void {
  if (!signal?.aborted) return;
  throw new PoolError(code, `${what}, the signal was aborted`, [], { cause: signal.reason });
}
