import { ServerResponse } from 'node:http';
import { constants, Http2ServerResponse } from 'node:http2';
import type { Socket } from 'node:net';
import { destroySocket } from '../connection/own-methods.js';
import { tellClosed } from '../../../handler/tell-closed.js';
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
    return;
  }
  const { socket } = response;
  try {
    ServerResponse.prototype.destroy.call(response);
  } catch {
    // It was frozen, and Node, which would mark it as it ends, must not come upon it.
    if (socket) letGo(response, socket);
  }
}

function letGo(frozen: ServerResponse, socket: Socket): void {
  try {
    ServerResponse.prototype.detachSocket.call(frozen, socket);
  } catch {
    // The socket is rid of it by then, and that is all.
  }
  destroySocket(socket);
  tellClosed(frozen);
}
