import type { KeepAliveSettings } from '../../../config/options/keep-alive.js';
import type { Connection } from '../connection/connection.js';

/** Counts a request of a connection; whether its answer is to be the last one there. */
export function endsKeepAlive(connection: Connection, limits: KeepAliveSettings): boolean {
  if (!limits.isLimited) return false;
  if (limits.disabled) return true;
  const isCounted = connection.countRequest() >= limits.maxRequests;
  return isCounted || performance.now() - connection.openedAt >= limits.maxMs;
}
