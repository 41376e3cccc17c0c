import { ServerResponse } from 'node:http';
import {
  constants,
  Http2ServerResponse,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';

/**
 * Ends an answer so that its client can tell that it is not whole: HTTP/1 loses the connection, an
 * HTTP/2 stream is reset with an error. (`destroy()` alone resets it with NO_ERROR, after which the
 * half that was sent looks like the whole: measured on Node 20.20.)
 *
 * An answer that waits in a pipeline takes the connection with it when its turn comes.
 *
 * By Node's own methods: what a handler or its middleware put in their place may throw.
 */
export function breakOff(response: ServerResponse): void {
  if (response instanceof Http2ServerResponse) {
    streamOf(response).close(constants.NGHTTP2_INTERNAL_ERROR);
  } else ServerResponse.prototype.destroy.call(response);
}

function streamOf(response: Http2ServerResponse): ServerHttp2Stream {
  return Reflect.get(Http2ServerResponse.prototype, 'stream', response) as ServerHttp2Stream;
}

/** Ends a session with all its streams at once, and tells why by the code of its GOAWAY. */
export function breakOffSession(
  session: ServerHttp2Session,
  code: number = constants.NGHTTP2_NO_ERROR,
): void {
  // Where the error is undefined, Node takes the code for 0, whatever is given beside it.
  session.destroy(null as unknown as undefined, code);
}
