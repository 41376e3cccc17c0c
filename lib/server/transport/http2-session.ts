import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ServerSettings } from '../../config/server-settings.js';
import { findConnection, type Connection } from './connection.js';

/**
 * Makes a connection the session that it turned out to be, with what the config says of one.
 *
 * @returns undefined for a session that was refused
 */
export function openSession(
  session: ServerHttp2Session,
  { http2, options, timeouts }: ServerSettings,
): Connection | undefined {
  const connection = findConnection({ socket: session.socket as Socket }) as Connection;
  connection.becomeSession(session);
  if (!http2.permitProhibitedCipherSuites && usesProhibitedCipher(session.socket as TLSSocket)) {
    session.destroy(undefined, constants.NGHTTP2_INADEQUATE_SECURITY);
    return undefined;
  }
  session.setLocalWindowSize(http2.maxUploadBufferPerConnection);
  session.on('timeout', () => connection.streams.size === 0 && session.close());
  if (options.idleTimeout !== undefined) session.setTimeout(timeouts.idleMs);
  return connection;
}

/** Counts a stream in its connection. */
export function openStream(stream: ServerHttp2Stream): Connection | undefined {
  const connection = findConnection({ socket: stream.session?.socket as Socket });
  connection?.open(stream);
  return connection;
}

/** TLS 1.2 suites with an ephemeral key exchange and an AEAD cipher: those HTTP/2 permits. */
const permitted = /^(EC)?DHE-.*(GCM|CHACHA20|CCM)/;

/**
 * True for a cipher suite that HTTP/2 prohibits. Every suite of TLS 1.3 is permitted, and a socket
 * without TLS has none.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113#appendix-A
 */
export function usesProhibitedCipher(
  socket: Partial<Pick<TLSSocket, 'getCipher' | 'getProtocol'>>,
): boolean {
  if (socket.getCipher === undefined || socket.getProtocol?.() === 'TLSv1.3') return false;
  return !permitted.test(socket.getCipher().name);
}
