import { maxHeaderSize, type IncomingMessage } from 'node:http';
import {
  constants,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ServerSettings } from '../../../config/server-settings.js';
import { findConnection, type Connection } from '../connection/connection.js';
import { destroyWhenSilent } from '../connection/linger.js';
import { breakOffSession } from '../node/node-http2.js';
import { ownPushed } from './pushed-streams.js';

/**
 * Makes a connection the session that it turned out to be, with what the config says of one.
 *
 * @returns undefined for a session that was refused
 */
export function openSession(
  session: ServerHttp2Session,
  { http2 }: ServerSettings,
): Connection | undefined {
  const connection = findConnection({ socket: session.socket as Socket }) as Connection;
  connection.becomeSession(session);
  if (!http2.permitProhibitedCipherSuites && usesProhibitedCipher(session.socket as TLSSocket)) {
    breakOffSession(session, constants.NGHTTP2_INADEQUATE_SECURITY);
    destroyWhenSilent(connection.socket);
    return undefined;
  }
  session.setLocalWindowSize(http2.maxUploadBufferPerConnection);
  return connection;
}

const asked = { isPushed: false };

/** Counts a stream in its connection. */
export function openStream(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Connection | undefined {
  const connection = findConnection({ socket: stream.session?.socket as Socket });
  ownPushed(stream);
  connection?.open(stream, headers, asked);
  return connection;
}

/**
 * The status that a request of HTTP/2 is refused with, if it is. The limit of its head was announced,
 * but binds a client only from its answer on: the first flight may exceed it.
 */
export function headFault(request: IncomingMessage, { limits }: ServerSettings): 431 | undefined {
  const limit = limits.maxHeaderBytes ?? maxHeaderSize;
  return headerListSize(request.rawHeaders) > limit ? 431 : undefined;
}

/** What a field counts beside its bytes (RFC 9113, 6.5.2). */
const fieldOverhead = 32;

function headerListSize(rawHeaders: readonly string[]): number {
  let size = 0;
  for (const text of rawHeaders) size += text.length + fieldOverhead / 2;
  return size;
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
