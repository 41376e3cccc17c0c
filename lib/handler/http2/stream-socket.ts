import type { Http2ServerRequest } from 'node:http2';
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { rawSocket, StreamFacade } from './stream-facade.js';

interface Facade {
  readonly [rawSocket]?: Socket;
}

/** Whatever else is asked of a socket is asked of the connection's. */
function behind(Kind: typeof Socket): object {
  return new Proxy(Kind.prototype, {
    get(_target, key, facade: Facade) {
      const socket = facade[rawSocket];
      const value: unknown = socket && Reflect.get(socket, key);
      return typeof value === 'function' ? (value.bind(socket) as unknown) : value;
    },
    set(_target, key, value, facade: Facade) {
      const socket = facade[rawSocket];
      return socket !== undefined && Reflect.set(socket, key, value);
    },
  });
}

/** A facade in front of a socket of one kind, which it is an instance of, too. */
function facadeOf(Kind: typeof Socket): typeof StreamFacade {
  class Facade extends StreamFacade {}
  const members = Object.getOwnPropertyDescriptors(StreamFacade.prototype);
  delete (members as { constructor?: unknown }).constructor;
  const prototype = Object.defineProperties(Object.create(behind(Kind)) as object, members);
  Object.setPrototypeOf(Facade.prototype, prototype);
  return Facade;
}

const Plain = facadeOf(Socket);
const Secure = facadeOf(TLSSocket as typeof Socket);
const nobody = (): void => undefined;

/** By a session's socket as Node shows it: a proxy that may not be written to, nor kept. */
const sockets = new WeakMap<object, Socket>();

/**
 * The `socket` of a request that came by HTTP/2: what is said of the address, of TLS and the like
 * is of the connection, and what is done (`destroy`, `setTimeout`, `on('close')`) is done to the
 * stream alone, for the connection carries other requests too. Node's own facade forgets the address
 * once the stream is gone, which is when access logs ask for it.
 */
export function streamSocket(request: Http2ServerRequest): Socket {
  const { stream } = request;
  const { session } = stream;
  let socket = session && sockets.get(session);
  if (socket === undefined) {
    // Taking off a listener that is not there does nothing, and answers with the socket itself.
    socket = request.socket.removeListener('nestjs-http-pool', nobody);
    if (session) sockets.set(session, socket);
    // Node keeps it from the first time on: a connection that is gone can't be asked any more.
    void socket.remoteAddress;
  }
  const Kind = socket instanceof TLSSocket ? Secure : Plain;
  return new Kind(socket, stream) as unknown as Socket;
}
