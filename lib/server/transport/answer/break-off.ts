import type { ServerResponse } from 'node:http';
import { constants, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2';

/**
 * Ends an answer so that its client can tell that it is not whole: HTTP/1 loses the connection, an
 * HTTP/2 stream is reset with an error. (`destroy()` alone resets it with NO_ERROR, after which the
 * half that was sent looks like the whole: measured on Node 20.20.)
 *
 * An answer that waits in a pipeline takes the connection with it when its turn comes.
 */
export function breakOff(response: ServerResponse): void {
  const { stream } = response as unknown as Partial<Http2ServerResponse>;
  if (stream) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}

/** Ends a session with all its streams at once, and tells why by the code of its GOAWAY. */
export function breakOffSession(
  session: ServerHttp2Session,
  code: number = constants.NGHTTP2_NO_ERROR,
): void {
  // Where the error is undefined, Node takes the code for 0, whatever is given beside it.
  session.destroy(null as unknown as undefined, code);
}
