import { setTimeout as wait } from 'node:timers/promises';
import type { ServerSettings } from '../../config/server-settings.js';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import type { ServerError } from '../../errors/server.error.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { asServerError } from '../members/gather.js';
import { beginChange } from '../../tls/file-texts.js';
import type { PoolMembers } from '../members/pool-members.js';
import type { ServerMatcher } from '../members/server-query.js';
import { ChangeSet } from './change-set.js';
import type { Change } from './held-servers.js';
import { holdPresent } from './hold-present.js';

/** How often servers on probation are looked at, and at least so many times. */
const longestPauseMs = 1_000;
const fewestLooks = 4;

/** A server as it was before a list was put in force. */
interface Former {
  readonly server: PooledServer;
  readonly settings: ServerSettings;
}

/** The servers of a pool as they are now, to go back to. */
export function formerServers(members: PoolMembers, concerns: ServerMatcher): Former[] {
  return [...members.index].filter(concerns).map((server) => {
    return { server, settings: server.settings };
  });
}

/**
 * Looks at servers for as long as they are on probation; returns why some were not healthy. One that was
 * stopped or deleted meanwhile is looked at no more.
 */
export async function onProbation(
  servers: readonly PooledServer[],
  probationMs: number,
  { members, signal }: { members: PoolMembers; signal: AbortSignal },
): Promise<ServerError[]> {
  const end = performance.now() + probationMs;
  for (;;) {
    const unhealthy = await look(servers.filter((server) => members.contains(server)));
    const leftMs = end - performance.now();
    if (unhealthy.length > 0 || leftMs <= 0) return unhealthy;
    const pauseMs = Math.min(probationMs / fewestLooks, longestPauseMs, leftMs);
    // A stop of the pool is the end of it, and no fault of the servers.
    await wait(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return [];
  }
}

async function look(servers: readonly PooledServer[]): Promise<ServerError[]> {
  const looks = servers.map(async (server): Promise<ServerError | undefined> => {
    const cause = server.getError();
    if (cause) return asServerError(server, cause);
    if (!server.isRunning()) return undefined;
    try {
      await server.healthCheck();
      return undefined;
    } catch (error) {
      // Stopped while it was asked.
      return server.isRunning() || server.isError() ? asServerError(server, error) : undefined;
    }
  });
  return (await Promise.all(looks)).filter((error) => error !== undefined);
}

/** Puts in force again what was before; returns what could not be had back. */
export async function goBack(
  former: readonly Former[],
  { members, concerns }: { members: PoolMembers; concerns: ServerMatcher },
): Promise<ServerError[]> {
  const before = new Set(former.map(({ server }) => server));
  beginChange();
  const { set } = await holdPresent(async () => {
    const removed = [...members.index].filter((server) => concerns(server) && !before.has(server));
    const changes = former.flatMap(({ server, settings }): Change[] => {
      const isNew = !members.contains(server);
      // Taken out, and changed, by others since: then it is theirs.
      return isNew || server.settings !== settings ? [{ server, settings, isNew }] : [];
    });
    return { set: await ChangeSet.hold({ changes, removed }, members) };
  });
  // No stop of the pool keeps it from being as before.
  const { signal } = new AbortController();
  const errors = await set.stage({ starts: () => members.isOn, signal });
  errors.push(...set.conflicts());
  if (errors.length > 0) return [...errors, ...(await set.undo())];
  await Promise.allSettled(set.commit().map(({ done }) => done));
  return [];
}

/** @param lost What kept the list before from being put in force again */
export function failedProbation(
  unhealthy: readonly ServerError[],
  lost: readonly ServerError[],
  probationMs: number,
): PoolError {
  const outcome = lost.length === 0 ? 'The pool is as before' : 'The list before was not put back';
  const count = unhealthy.length === 1 ? '1 server' : `${unhealthy.length} servers`;
  const headline = `${outcome}, ${count} did not stay healthy for ${probationMs} ms`;
  return new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, headline, [...unhealthy, ...lost]);
}
