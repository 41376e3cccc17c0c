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

/** What is known of a server: its state, and what its monitor says. Costs no check. */
export function knownHealth(server: PooledServer): ServerHealth {
  return withFacts(server, unlessRunning(server) ?? server.health);
}

/**
 * As {@link knownHealth}, for a server with a monitor; one without is connected to. Never rejects.
 *
 * @param timeoutMs Undefined: as long as the `checkTimeout` lets it.
 */
export async function checkServer(server: PooledServer, timeoutMs?: number): Promise<ServerHealth> {
  const found = unlessRunning(server);
  if (found || server.settings.monitor.configured) return knownHealth(server);
  try {
    await within(timeoutMs, (signal) => server.healthCheck({ signal }));
    return knownHealth(server);
  } catch (error) {
    const message = (error as Partial<Error> | undefined)?.message ?? String(error);
    return withFacts(server, unlessRunning(server) ?? { status: 'down', message });
  }
}

type Finding = Pick<ServerHealth, 'status' | 'message'>;

function withFacts(server: PooledServer, { status, message }: Finding): ServerHealth {
  const { bind, expose, state, tls } = server;
  return {
    status,
    bind,
    expose,
    state,
    tls,
    uptime: Math.round(server.uptime()),
    ...(server.disabled && { disabled: true }),
    ...(message !== undefined && { message }),
  };
}

function unlessRunning(server: PooledServer): Finding | undefined {
  if (server.disabled) return { status: 'up' };
  if (server.state === 'running') return undefined;
  if (server.state === 'draining') {
    return { status: 'down', message: 'it is draining and takes no new work' };
  }
  const error = server.getError()?.message;
  return { status: 'down', message: error ?? `it is ${server.state}` };
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
