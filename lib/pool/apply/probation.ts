import { setTimeout as wait } from 'node:timers/promises';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import type { ServerError } from '../../errors/server.error.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { asServerError } from '../members/gather.js';
import type { PoolMembers } from '../members/pool-members.js';

/** How often servers on probation are looked at, and at least so many times. */
const longestPauseMs = 1_000;
const fewestLooks = 4;

interface OnProbation {
  readonly members: PoolMembers;
  /** Aborts when the pool is stopped: nobody waits for an answer then, which may never come. */
  readonly signal: AbortSignal;
}

/**
 * Looks at servers for as long as they are on probation; returns why some were not healthy. One that was
 * stopped or deleted meanwhile is looked at no more.
 */
export async function onProbation(
  servers: readonly PooledServer[],
  probationMs: number,
  { members, signal }: OnProbation,
): Promise<ServerError[]> {
  const end = performance.now() + probationMs;
  for (;;) {
    const unhealthy = await look(servers, { members, signal });
    // What was found by a look that was given up says nothing.
    if (signal.aborted) return [];
    const leftMs = end - performance.now();
    if (unhealthy.length > 0 || leftMs <= 0) return unhealthy;
    const pauseMs = Math.min(probationMs / fewestLooks, longestPauseMs, leftMs);
    // A stop of the pool is the end of it, and no fault of the servers.
    await wait(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return [];
  }
}

async function look(
  servers: readonly PooledServer[],
  { members, signal }: OnProbation,
): Promise<ServerError[]> {
  const present = servers.filter((server) => members.contains(server));
  const looks = present.map(async (server): Promise<ServerError | undefined> => {
    const cause = server.getError();
    if (cause) return asServerError(server, cause);
    if (!server.isRunning()) return undefined;
    try {
      await members.departures.unlessTaken(server, server.healthCheck({ signal }));
      return undefined;
    } catch (error) {
      // Stopped while it was asked.
      return server.isRunning() || server.isError() ? asServerError(server, error) : undefined;
    }
  });
  return (await Promise.all(looks)).filter((error) => error !== undefined);
}

/** @param lost What kept the list before from being put in force again */
export function failedProbation(
  unhealthy: readonly ServerError[],
  lost: readonly ServerError[],
  probationMs: number,
): PoolError {
  const outcome =
    lost.length === 0 ? 'The pool is as before' : 'Not all of the list before was put back';
  const count = unhealthy.length === 1 ? '1 server' : `${unhealthy.length} servers`;
  const headline = `${outcome}, ${count} did not stay healthy for ${probationMs} ms`;
  return new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, headline, [...unhealthy, ...lost]);
}
