import { diffSettings, type ServerSettings } from '../../config/server-settings.js';
import { missingHandler } from '../../handler/handler.js';
import type { TransportSpec } from '../transport/transport.js';

/**
 * The least that a change of config takes:
 * `keep` nothing; `live` new values behind open connections; `swap` a new transport behind the same
 * socket; `rebind` a new socket.
 */
export type ChangeKind = 'keep' | 'live' | 'swap' | 'rebind';

/** What Node fixes when it creates a server. */
const fixedInTransport = new Set(['protocol', 'http2']);

/** Compares by value what a server serves with, certificates by their content. */
export function changeKind(before: TransportSpec, after: TransportSpec): ChangeKind {
  const fields = diffSettings(before.settings, after.settings);
  if (fields.includes('bind')) return 'rebind';
  if (needsTransport(before, after, fields)) return 'swap';
  const sameTls = before.material?.fingerprint === after.material?.fingerprint;
  return fields.length === 0 && sameTls ? 'keep' : 'live';
}

/** As {@link changeKind}, of a server that serves nothing: its settings are all there is. */
export function unservedKind(before: ServerSettings, after: ServerSettings): ChangeKind {
  return changeKind(unserved(before), unserved(after));
}

function unserved(settings: ServerSettings): TransportSpec {
  return { settings, material: undefined, handler: missingHandler };
}

function needsTransport(before: TransportSpec, after: TransportSpec, fields: string[]): boolean {
  if ((before.material === undefined) !== (after.material === undefined)) return true;
  // The connections of those who are not trusted any more are known by the transport they are of.
  if (before.material?.trust !== after.material?.trust) return true;
  if (fields.some((field) => fixedInTransport.has(field))) return true;
  const isHttp2 = after.settings.protocol === 'http2';
  if (isHttp2 && fields.includes('limits')) {
    // An HTTP/2 server announces the limit of its headers when a session opens.
    return before.settings.limits.maxHeaderBytes !== after.settings.limits.maxHeaderBytes;
  }
  const { handshakeMs } = after.settings.timeouts;
  return after.material !== undefined && before.settings.timeouts.handshakeMs !== handshakeMs;
}
