import { bindConflict } from '../../config/address/conflict-index.js';
import { errorDetailsOf } from '../../config/server-settings.js';
import { ServerError } from '../../errors/server.error.js';
import type { PooledServer } from '../../server/pooled-server.js';
import type { PoolMembers } from '../members/pool-members.js';
import { bindOf, type Change } from './held-servers.js';
import type { Staged } from './staged.js';

/** It was taken out of the pool by who has it now. What the pool itself deletes is stopped by the pool. */
function isTaken(server: PooledServer, members: PoolMembers): boolean {
  return !members.contains(server) && !members.leaving.has(server);
}

/** The server of a change is somebody else's now. */
export function isLost({ server, isNew }: Change, members: PoolMembers): boolean {
  return !isNew && isTaken(server, members);
}

/**
 * Who was taken out while a change was staged runs on, and keeps its address.
 *
 * @param concerned The servers that the change is about
 */
export function takenAddresses(
  staged: readonly Staged[],
  concerned: readonly PooledServer[],
  members: PoolMembers,
): ServerError[] {
  const taken = concerned.filter((server) => isTaken(server, members) && server.isRunning());
  if (taken.length === 0) return [];
  return staged.flatMap(({ server, settings }) => {
    const issues = taken.flatMap((other) => {
      const { name } = other;
      const message = other !== server && bindConflict(settings, { name, bind: bindOf(other) });
      return message ? { path: 'listen', message } : [];
    });
    return issues.length > 0 ? ServerError.forConfig(issues, errorDetailsOf(settings)) : [];
  });
}
