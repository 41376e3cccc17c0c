import type { ServerChange } from '../../server/server-state.js';

/** One change in a pool. */
export interface PoolEvent extends Omit<ServerChange, 'type'> {
  /**
   * `state`: a server entered a state; `config`: it took another config; `restart`: it was
   * restarted and kept its state; `health`: its health changed while it runs; `added`, `removed`:
   * it came into the pool, or left it.
   */
  readonly type: ServerChange['type'] | 'added' | 'removed';
  /** The name of the server. */
  readonly server: string;
  /** Its bind address in canonical form. */
  readonly bind: string;
  /** When, in ms since the epoch. */
  readonly time: number;
}
