import type { HealthStatus } from '../monitor/monitor-report.js';
import type { ChangeKind } from '../server/endpoint/change-kind.js';
import type { DrainReport, ServerState } from '../server/server-state.js';

/** One change in a pool. */
export interface PoolEvent {
  /**
   * `state`: a server entered a state; `config`: it took another config; `restart`: it was
   * restarted and kept its state; `health`: its health changed while it runs; `added`, `removed`:
   * it came into the pool, or left it.
   */
  readonly type: 'state' | 'config' | 'restart' | 'health' | 'added' | 'removed';
  /** The name of the server. */
  readonly server: string;
  /** Its bind address in canonical form. */
  readonly bind: string;
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
  /** When, in ms since the epoch. */
  readonly time: number;
}
