import { ServerResponse } from 'node:http';
import { constants, Http2ServerResponse } from 'node:http2';
import { streamOf } from '../node/node-http2.js';

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
