import type { PooledServer } from '../server/pooled-server.js';

/** The health of one server. */
export interface ServerHealth {
  status: 'up' | 'degraded' | 'down';
  bind: string;
  expose: string;
  state: PooledServer['state'];
  tls: boolean;
  /** In ms. */
  uptime: number;
  /** True for a server that is not meant to run. */
  disabled?: true;
  /** Why it is not up. */
  message?: string;
}

/**
 * Asks a server how it is. Never rejects.
 *
 * @param timeoutMs Undefined: as long as the monitor's `checkTimeout` lets it.
 */
export async function checkServer(server: PooledServer, timeoutMs?: number): Promise<ServerHealth> {
  const found = await ask(server, timeoutMs);
  const { bind, expose, state, tls } = server;
  const uptime = Math.round(server.uptime());
  return { ...found, bind, expose, state, tls, uptime, ...(server.disabled && { disabled: true }) };
}

type Finding = Pick<ServerHealth, 'status' | 'message'>;

async function ask(server: PooledServer, timeoutMs: number | undefined): Promise<Finding> {
  if (server.disabled) return { status: 'up' };
  if (server.state === 'draining') {
    return { status: 'down', message: 'it is draining and takes no new work' };
  }
  if (server.state === 'failed') {
    return { status: 'down', message: server.getError()?.message ?? 'it failed' };
  }
  if (server.state !== 'running') return { status: 'down', message: `it is ${server.state}` };
  try {
    return await within(timeoutMs, (signal) => examine(server, signal));
  } catch (error) {
    return { status: 'down', message: (error as Partial<Error>)?.message ?? String(error) };
  }
}

/** By the rise and fall counts of its monitor, where the config has one. */
async function examine(server: PooledServer, signal: AbortSignal | undefined): Promise<Finding> {
  if (server.settings.monitor.configured) {
    const { status, message } = await server.monitor(undefined, { signal });
    return { status, ...(message !== undefined && { message }) };
  }
  await server.healthCheck({ signal });
  return { status: 'up' };
}

async function within<T>(
  timeoutMs: number | undefined,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (timeoutMs === undefined) return work(undefined);
  const controller = new AbortController();
  const tooLong = new Error(`timeout of ${timeoutMs} ms exceeded`);
  const timer = setTimeout(() => controller.abort(tooLong), timeoutMs);
  try {
    // Raced, so that a check that does not heed the signal does not outlast it.
    return await Promise.race([work(controller.signal), rejection(controller.signal)]);
  } catch (error) {
    throw controller.signal.aborted ? tooLong : error;
  } finally {
    clearTimeout(timer);
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
