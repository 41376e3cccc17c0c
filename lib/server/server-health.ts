import type { HealthStatus } from '../monitor/monitor-report.js';
import type { PooledServer } from './pooled-server.js';
import type { ServerState } from './server-state.js';

/** The health of one server. */
export interface ServerHealth {
  status: HealthStatus;
  bind: string;
  expose: string;
  state: ServerState;
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
