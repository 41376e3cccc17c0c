import {
  constants,
  Http2ServerResponse,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import { warnOfNode } from '../../../errors/warn-once.js';
import { handleOf } from './node-handle.js';

/*
 * What is read of Node's sockets and streams beyond their documented surface, read from
 * `stream_base_commons.js`, `internal/http2/core.js` and `internal/http2/compat.js`, and seen on Node 20.20, 22.23, 24.21 and 26.12; the canary test beside
 * this file fails by name where it is gone.
 */

/** Bytes that wait for the peer to read; undefined of a socket that is gone, and where Node does not tell. */
export function unsentBytes(socket: Socket): number | undefined {
  return handleOf(socket)?.writeQueueSize;
}

/** Bytes that the system has taken of what was written; undefined as above. */
export function takenBytes(socket: Socket): number | undefined {
  const handle = handleOf(socket);
  return handle && handle.bytesWritten - handle.writeQueueSize;
}

/**
 * Counts what a client sends on a stream from now on, which Node tells when the stream is over. The
 * parser gives each piece to `push`.
 *
 * @returns tells how many bytes have come
 */
export function countReceived(stream: ServerHttp2Stream): () => number {
  const push = stream.push.bind(stream);
  let received = 0;
  stream.push = (chunk: Buffer | null, encoding) => {
    received += chunk?.length ?? 0;
    return push(chunk, encoding);
  };
  return () => received;
}

/** What is handed to Node of a stream at once: it tells when a piece is sent, and of no part of one. */
export const pieceBytes = 16 * 1024;

type Done = (error?: Error | null) => void;

interface StreamWriter {
  write(chunk: unknown, encoding?: unknown, done?: unknown): boolean;
  end(chunk?: unknown, encoding?: unknown, done?: unknown): unknown;
  _write(chunk: { readonly length: number }, encoding: unknown, done: Done): void;
  _writev(chunks: unknown, done: Done): void;
}

/**
 * Counts what the system has taken of a stream from now on, in pieces of 16 KiB: to be called before anything is
 * written to it.
 *
 * @returns tells how many bytes have been sent
 */
export function countSent(stream: ServerHttp2Stream): () => number {
  const writer = stream as unknown as StreamWriter;
  const [write, end] = [writer.write.bind(stream), writer.end.bind(stream)];
  const [writeOne, writev] = [writer._write.bind(stream), writer._writev.bind(stream)];
  let sent = 0;
  writer._write = (chunk, encoding, done) =>
    writeOne(chunk, encoding, (error) => {
      sent += chunk.length;
      done(error);
    });
  // Node makes one piece of all that waits, where it may: many small ones would cost too much one by one.
  const writeAll = (chunks: unknown, done: Done): void => {
    const { writableLength } = stream;
    writev(chunks, (error) => {
      sent += writableLength;
      done(error);
    });
  };
  Object.defineProperty(stream, '_writev', {
    get: () => (stream.writableLength > 2 * pieceBytes ? undefined : writeAll),
  });
  writer.write = (chunk, encoding, done) => {
    const bytes = stream.writableEnded ? undefined : longBytes(chunk, encoding);
    if (bytes === undefined) return write(chunk, encoding, done);
    let at = 0;
    for (; at + pieceBytes < bytes.length; at += pieceBytes) {
      write(bytes.subarray(at, at + pieceBytes));
    }
    return write(bytes.subarray(at), typeof encoding === 'function' ? encoding : done);
  };
  writer.end = (chunk, encoding, done) => {
    if (stream.writableEnded || longBytes(chunk, encoding) === undefined) {
      return end(chunk, encoding, done);
    }
    writer.write(chunk, typeof encoding === 'function' ? undefined : encoding);
    return end(typeof encoding === 'function' ? encoding : done);
  };
  return () => sent;
}

/** Of what is more than one piece. */
function longBytes(chunk: unknown, encoding: unknown): Uint8Array | undefined {
  if (typeof chunk === 'string' && chunk.length > pieceBytes) {
    return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  }
  return chunk instanceof Uint8Array && chunk.length > pieceBytes ? chunk : undefined;
}

/**
 * The stream of an answer, by Node's own getter of the prototype: what a handler has put in its place may throw. A Node
 * without that getter keeps it on the answer.
 */
export function streamOf(response: Http2ServerResponse): ServerHttp2Stream {
  const stream = Reflect.get(Http2ServerResponse.prototype, 'stream', response) as unknown;
  return (stream ?? response.stream) as ServerHttp2Stream;
}

type SetTrailer = (
  this: Http2ServerResponse,
  name: string,
  value: string | readonly string[],
) => void;

const { setTrailer } = Http2ServerResponse.prototype as { setTrailer?: SetTrailer };

/** Sets one trailer of an answer by Node's own method, which is in none of its documents, and there all the same. */
export function setTrailerOf(
  response: Http2ServerResponse,
  name: string,
  value: string | readonly string[],
): void {
  if (setTrailer) return setTrailer.call(response, name, value);
  warnOfNode(
    'has no setTrailer on its answers of HTTP/2, which nestjs-http-pool knows: a trailer that is set by it is not sent',
  );
}

/**
 * Whether an answer to a stream is handed to Node whole and not yet sent, as a file is by `respondWithFile` and
 * `respondWithFD`: Node ends such a stream for whoever might write to it as it begins to send, and takes its last
 * step away.
 */
export function isSendingFile(stream: ServerHttp2Stream): boolean {
  const { _final: last } = stream as { _final?: unknown };
  return last === null && !stream.destroyed && stream.state.localClose === 0;
}

/** Ends a session with all its streams at once, and tells why by the code of its GOAWAY. */
export function breakOffSession(
  session: ServerHttp2Session,
  code: number = constants.NGHTTP2_NO_ERROR,
): void {
  // Where the error is undefined, Node takes the code for 0, whatever is given beside it.
  session.destroy(null as unknown as undefined, code);
}
