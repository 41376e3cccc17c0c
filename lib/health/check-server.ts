import { messageOf } from '../errors/printable.js';
import { CheckTimeout } from '../monitor/probe.js';
import { isUntimely } from '../monitor/server-monitor.js';
import { unlessAborted } from '../server/drain/unless-aborted.js';
import { knownHealth, type ServerHealth } from '../server/server-health.js';
import type { PooledServer } from '../server/pooled-server.js';

/**
 * As {@link knownHealth}, for a server with a monitor; one without is connected to. Never rejects.
 *
 * @param timeoutMs Undefined: as long as the `checkTimeout` lets it.
 */
export async function checkServer(server: PooledServer, timeoutMs?: number): Promise<ServerHealth> {
  if (!server.isRunning() || server.settings.monitor.configured) return knownHealth(server);
  try {
    await within(timeoutMs, (signal) => server.healthCheck({ signal }));
    return knownHealth(server);
  } catch (error) {
    // It serves all the same: it is known as degraded.
    if (isUntimely(error)) return knownHealth(server);
    const message = messageOf(error);
    // It may have been stopped meanwhile, which is the better reason.
    const known = knownHealth(server);
    return known.status === 'down' ? known : { ...known, status: 'down', message };
  }
}

async function within<T>(
  timeoutMs: number | undefined,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return work(undefined);
  const controller = new AbortController();
  const tooLong = new CheckTimeout(timeoutMs);
  const timer = setTimeout(() => controller.abort(tooLong), timeoutMs);
  try {
    // Raced, so that a check that does not heed the signal does not outlast it.
    return await unlessAborted(work(controller.signal), controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? tooLong : error;
  } finally {
    clearTimeout(timer);
  }
}
