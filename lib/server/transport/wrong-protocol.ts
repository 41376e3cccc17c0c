import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { findConnection } from './connection/connection.js';
import { acceptedSocketOf } from './node/node-tls.js';

/**
 * What a client spoke to a server that speaks something else: TLS to a plain one, plain HTTP to one with
 * TLS, or anything but HTTP/2 to one that knows its clients to speak that.
 */
export type WrongProtocol = 'tls' | 'http' | 'not-http2';

/** Told of it, and where it came from, as far as that is known. */
export type OnWrongProtocol = (spoken: WrongProtocol, from: string | undefined) => void;

/** Who is told of it. */
export interface WrongProtocolHost {
  wrongProtocol(...spoken: Parameters<OnWrongProtocol>): void;
}

/** How OpenSSL tells that it was sent `GET ` or the like, or `CONNECT`. */
const plainHttpCodes = new Set(['ERR_SSL_HTTP_REQUEST', 'ERR_SSL_HTTPS_PROXY_REQUEST']);

/** What nghttp2 tells of a connection that begins otherwise than one of HTTP/2. */
const badMagic = -903;

const sentences = {
  tls: 'This is a plain HTTP port, and the request came over TLS.\n',
  http: 'This is an HTTPS port, and the request came in plain HTTP.\n',
};

/** A TLS handshake has failed: of a client that speaks plain HTTP, perhaps. */
export function answerPlainHttp(
  { code = '' }: NodeJS.ErrnoException,
  socket: TLSSocket,
  host: WrongProtocolHost,
): void {
  if (!plainHttpCodes.has(code)) return;
  const accepted = acceptedSocketOf(socket);
  host.wrongProtocol('http', accepted?.remoteAddress);
  // What is written beneath TLS still goes out: Node closes the connection after this event.
  if (accepted?.writable) answer(accepted, 'http');
}

/** An HTTP/2 session has failed. Over TLS its client has asked for HTTP/2 by ALPN. */
export function tellNotHttp2(
  { errno }: NodeJS.ErrnoException,
  session: ServerHttp2Session,
  host: WrongProtocolHost,
): void {
  if (errno === badMagic && !session.encrypted) host.wrongProtocol('not-http2', undefined);
}

/**
 * Answers a client of a plain server whose first bytes are those of TLS; false for any other, and for one that has
 * spoken HTTP before: what comes then is no greeting, and may come in the middle of an answer.
 */
export function answeredTls(error: Error, socket: Socket, host: WrongProtocolHost): boolean {
  const { rawPacket } = error as Error & { rawPacket?: Buffer };
  // A record of a handshake, in any version of TLS (RFC 8446, 5.1).
  if (rawPacket?.[0] !== 22 || rawPacket[1] !== 3) return false;
  if (findConnection({ socket })?.hasAsked) return false;
  host.wrongProtocol('tls', socket.remoteAddress);
  // In HTTP, and not by an alert of TLS: Go's client, for one, tells by it what is wrong.
  if (socket.writable) answer(socket, 'tls');
  socket.destroy();
  return true;
}

function answer(socket: Socket, spoken: keyof typeof sentences): void {
  const body = sentences[spoken];
  const head = [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${body.length}`,
    'Connection: close',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
}
