import type { BoundAddress } from '../config/address/bound-address.js';
import type { ServerProtocol } from '../config/server.config.js';
import type { TlsMaterial } from '../tls/tls-material.js';
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
  readonly protocol: ServerProtocol;
  /** In ms since it runs; 0 when it does not. */
  readonly uptime: number;
  /** Open sockets, those in their TLS handshake included. */
  readonly connections: number;
  /** Requests that are not answered to their end. */
  readonly inFlight: number;
  /** Requests begun since the server was started. */
  readonly requests: number;
  /** What it serves with over TLS; absent where it serves plain HTTP, or not at all. */
  readonly certificates?: readonly CertificateStats[];
  readonly error: string | undefined;
}

/** A certificate that is served. */
export interface CertificateStats {
  /** The DNS names that it is served for. */
  readonly names: readonly string[];
  /** When it ends, in ISO 8601. */
  readonly notAfter: string;
}

/** What is told of the certificates that a server serves clients with. */
export function certificateStats({ certificates }: TlsMaterial): CertificateStats[] {
  return certificates.map(({ names, notAfter }) => {
    return { names, notAfter: new Date(notAfter).toISOString() };
  });
}
