import type { BoundAddress } from '../config/address/bound-address.js';
import type { ServerState } from './server-state.js';

/** A plain snapshot of a server. */
export interface ServerStats {
  readonly name: string;
  readonly bind: string;
  readonly expose: string;
  readonly url: string | undefined;
  readonly address: BoundAddress | undefined;
  readonly state: ServerState;
  readonly disabled: boolean;
  readonly tls: boolean;
  readonly protocol: 'http1' | 'http2';
  /** In ms since it runs; 0 when it does not. */
  readonly uptime: number;
  /** Open sockets, those in their TLS handshake included. */
  readonly connections: number;
  /** Requests that are not answered to their end. */
  readonly inFlight: number;
  /** Requests begun since the server was started. */
  readonly requests: number;
  readonly error: string | undefined;
}
