import type { SocketKind } from '../transport/events/server-events.js';
import type { Transport } from '../transport/transport.js';

/** What a server has under way, and has had. */
export interface EndpointCounts {
  readonly connections: number;
  readonly inFlight: number;
  readonly requests: number;
}

/** Of a server that does not serve. */
export const noCounts: EndpointCounts = { connections: 0, inFlight: 0, requests: 0 };

/** @param earlierRequests Of transports that are gone */
export function countsOf(
  transports: readonly Transport[],
  earlierRequests: number,
): EndpointCounts {
  const counts = { connections: 0, inFlight: 0, requests: earlierRequests };
  for (const { openSockets, connections, requests } of transports) {
    counts.connections += openSockets;
    counts.requests += requests;
    for (const { inFlight } of connections) counts.inFlight += inFlight;
  }
  return counts;
}

/** Open connections by what they are now. */
export function kindsOf(transports: readonly Transport[]): Record<SocketKind, number> {
  const counts = { http1: 0, http2: 0, upgraded: 0, connect: 0, tls: 0 };
  for (const { connections, handshakes } of transports) {
    counts.tls += handshakes.size;
    for (const { kind } of connections) counts[kind] += 1;
  }
  return counts;
}
