import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { unsentBytes } from '../node/node-http2.js';

/**
 * Ends a stream that its client has reset with NO_ERROR in the middle of its answer. Node waits then for all of the
 * answer to be sent, which never is, and keeps even the socket for as long (seen on Node 20.20). So it does, now and
 * then, with one whose answer has ended, a HEAD among them, where the session ends meanwhile. It tells nobody, so it
 * is looked for.
 *
 * @param socket Of its connection
 */
export function endIfForgotten(stream: ServerHttp2Stream, socket: Socket): void {
  if (!isForgotten(stream, socket)) return;
  // What the system has taken of it by now is told in this turn of the event loop: it may be the end.
  setImmediate(() => {
    if (isForgotten(stream, socket)) stream.destroy();
  });
}

/** nghttp2 has no such stream any more, and nothing of the answer waits for its client to read. */
function isForgotten(stream: ServerHttp2Stream, socket: Socket): boolean {
  if (!stream.closed || stream.destroyed) return false;
  // The handler may go on reading what its client has sent.
  if (stream.writableFinished && stream.readableLength > 0) return false;
  return stream.state.state === constants.NGHTTP2_STREAM_STATE_IDLE && !unsentBytes(socket);
}
