import type { ServerHealth } from '../../server/server-health.js';

/** The words of the draft: `warn` is ready. */
export type ReadinessStatus = 'pass' | 'warn' | 'fail';

/** How one server is. */
export interface ServerReadiness extends Pick<ServerHealth, 'status' | 'disabled' | 'message'> {
  readonly name: string;
}

/** Whether the application takes requests. */
export interface Readiness {
  readonly status: ReadinessStatus;
  /** What of the whole speaks against it: it has not started yet, or is being closed. */
  readonly reason?: string;
  /** Every server but the one that is asked. */
  readonly servers: readonly ServerReadiness[];
}

/** As ready as the worst of the servers that are meant to run. */
export function readiness(
  servers: readonly ServerReadiness[],
  reason: string | undefined,
): Readiness {
  if (reason !== undefined) return { status: 'fail', reason, servers };
  const statuses = new Set(servers.map(({ status }) => status));
  const degraded = statuses.has('degraded') ? 'warn' : 'pass';
  return { status: statuses.has('down') ? 'fail' : degraded, servers };
}
