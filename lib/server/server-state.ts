import type { ChangeKind } from './endpoint/change-kind.js';
import type { HealthStatus } from '../monitor/monitor-report.js';
import type { CutCounts } from './drain/cut.js';

export const SERVER_STATES = ['stopped', 'starting', 'running', 'draining', 'failed'] as const;

/** Where a server stands in its life. `draining` is on its way to `stopped`. */
export type ServerState = (typeof SERVER_STATES)[number];

/** What a stop did: how many requests it still answered, and what it had to cut. */
export interface DrainReport {
  /** The name of the server. */
  readonly server: string;
  /** Requests that were answered whole since the stop began. */
  readonly finished: number;
  /** Connections that were cut when the grace ran out, by kind. */
  readonly cut: Readonly<CutCounts>;
  /** True when the grace ran out before every connection had ended. */
  readonly timedOut: boolean;
  /** How long the stop took, in ms. */
  readonly durationMs: number;
}

/** One change of a server, as its pool is told of it. */
export interface ServerChange {
  /** A new state; a new config; a restart, which keeps the state; a new health while it runs. */
  readonly type: 'state' | 'config' | 'restart' | 'health';
  readonly state: ServerState;
  /** The state before; the same where the state did not change. */
  readonly previous: ServerState;
  /** Why, where the state is `failed`. */
  readonly error?: Error;
  /** What a stop did, where the state is `stopped`. */
  readonly report?: DrainReport;
  /** What a change of config took. */
  readonly kind?: ChangeKind;
  /** How the server is now, where its health changed. */
  readonly status?: HealthStatus;
  /** Why it is not up. */
  readonly message?: string;
}
