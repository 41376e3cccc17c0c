import { notADuration, parseDuration, type Duration } from '../config/duration.js';
import { describeValue } from '../config/redact.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import type { ServerError } from '../errors/server.error.js';
import type { PooledServer } from '../server/pooled-server.js';
import type { DrainReport } from '../server/server-state.js';
import { gather, headline, throwIfAny } from './gather.js';

const { ERR_POOL_RESTART, ERR_POOL_START, ERR_POOL_STOP } = PoolErrorCode;

export interface StartAllOptions {
  /** Aborted before: nothing starts. Aborted meanwhile: what this call has started stops again. */
  signal?: AbortSignal;
}

export interface StopAllOptions {
  /** When it aborts, what is left is cut. */
  signal?: AbortSignal;
  /** The grace, instead of each server's `shutdown.timeout`. */
  timeout?: Duration;
}

export interface RestartAllOptions {
  /** When it aborts, the servers whose turn has not come are left as they are. */
  signal?: AbortSignal;
  /** How many servers at a time, a whole number from 1, or `Infinity`; 1 unless told. */
  concurrency?: number;
}

/** @param parent The signal of the pool: once it has aborted, nothing starts */
export async function startAll(
  all: readonly PooledServer[],
  { signal }: StartAllOptions,
  parent: AbortSignal | undefined,
): Promise<void> {
  const servers = all.filter((server) => !server.isRunning());
  throwIfAborted(parent, ERR_POOL_START, 'No server was started');
  throwIfAborted(signal, ERR_POOL_START, 'No server was started');
  const giveUp = (): void => servers.forEach((server) => void server.stop());
  signal?.addEventListener('abort', giveUp, { once: true });
  const { errors } = await gather(servers, (server) => server.start());
  signal?.removeEventListener('abort', giveUp);
  throwIfAborted(signal, ERR_POOL_START, 'The start was given up and taken back');
  throwIfAny(ERR_POOL_START, headline(errors, servers, 'started'), errors);
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
  { signal, timeout }: StopAllOptions,
  stop: (server: PooledServer, timeout: Duration | undefined) => Promise<DrainReport>,
): Promise<DrainReport[]> {
  const seen = new Set<PooledServer>();
  const pending = new Set<PooledServer>();
  const reports: DrainReport[] = [];
  const errors: ServerError[] = [];
  const stopOne = async (server: PooledServer): Promise<DrainReport> => {
    seen.add(server);
    pending.add(server);
    return stop(server, signal?.aborted ? 0 : timeout).finally(() => pending.delete(server));
  };
  const hurry = (): void => pending.forEach((server) => server.hurry());
  signal?.addEventListener('abort', hurry, { once: true });
  for (;;) {
    const left = select().filter((server) => !seen.has(server));
    const group = left.filter(({ settings }) => !settings.shutdown.last);
    if (left.length === 0) break;
    const gathered = await gather(group.length > 0 ? group : left, stopOne);
    reports.push(...gathered.results);
    errors.push(...gathered.errors);
  }
  signal?.removeEventListener('abort', hurry);
  throwIfAny(ERR_POOL_STOP, headline(errors, [...seen], 'stopped'), errors);
  return reports;
}

export async function restartAll(
  all: readonly PooledServer[],
  { signal, concurrency = 1 }: RestartAllOptions,
  parent: AbortSignal | undefined,
  isWanted: (server: PooledServer) => boolean,
): Promise<void> {
  requireConcurrency(concurrency);
  throwIfAborted(parent, ERR_POOL_RESTART, 'No server was restarted');
  throwIfAborted(signal, ERR_POOL_RESTART, 'No server was restarted');
  const ran = new Set(all.filter((server) => server.isRunning()));
  const work = async (server: PooledServer): Promise<void> => {
    // Its turn comes late: who was deleted or stopped meanwhile is not to be started again.
    const isStopped = server.state === 'stopped' || server.state === 'draining';
    if (isWanted(server) && !(ran.has(server) && isStopped)) await server.restart();
  };
  const { errors } = await gather(all, work, { concurrency, signal });
  throwIfAny(ERR_POOL_RESTART, headline(errors, all, 'restarted'), errors);
  throwIfAborted(signal, ERR_POOL_RESTART, 'The restart was given up half way');
}

/**
 * Before a stop touches anything.
 *
 * @throws PoolError `ERR_POOL_STOP` for what is no duration
 */
export function requireTimeout({ timeout }: StopAllOptions): void {
  if (timeout === undefined || parseDuration(timeout) !== undefined) return;
  const message = `No server was stopped, timeout: ${notADuration(timeout)}`;
  throw new PoolError(ERR_POOL_STOP, message);
}

function requireConcurrency(concurrency: unknown): void {
  if (concurrency === Infinity) return;
  if (Number.isSafeInteger(concurrency) && (concurrency as number) >= 1) return;
  throw new PoolError(
    ERR_POOL_RESTART,
    `No server was restarted, concurrency: got ${describeValue(concurrency)}, give a ` +
      'whole number from 1, or Infinity for all at once',
  );
}

function throwIfAborted(signal: AbortSignal | undefined, code: PoolErrorCode, what: string): void {
  if (!signal?.aborted) return;
  throw new PoolError(code, `${what}, the signal was aborted`, [], { cause: signal.reason });
}
