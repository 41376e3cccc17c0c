import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { Handler, SocketListener } from '../../handler/handler.js';
import { findConnection, type Connection } from './connection.js';
import type { InnerServer } from './inner-server.js';

type TakeOverKind = 'upgraded' | 'connect';

/** What is done with the requests that Node does not give as ordinary ones. */
export interface TakeOverHost {
  /** A handler gets the socket; of a CONNECT over HTTP/2 that is a stream of its own. */
  takeOver(request: IncomingMessage, connection: Connection | undefined, kind: TakeOverKind): void;
  readonly checkContinue: RequestListener;
}

/**
 * Listens for what the handler takes besides ordinary requests. A listener is there only while the
 * handler takes such: with one for 'upgrade', Node no longer treats an upgrade nobody wants as an
 * ordinary request.
 */
export function listenForTakeOvers(inner: InnerServer, handler: Handler, host: TakeOverHost): void {
  const hand = (kind: TakeOverKind, listener: SocketListener | undefined) =>
    listener &&
    ((request: IncomingMessage, socket: Socket, head: Buffer): void => {
      host.takeOver(request, findConnection(kind === 'connect' ? { socket } : request), kind);
      listener.call(handler, request, socket, head);
    });
  toggle(inner, 'upgrade', hand('upgraded', handler.upgrade));
  toggle(inner, 'connect', hand('connect', handler.connect));
  toggle(inner, 'checkContinue', handler.checkContinue && host.checkContinue);
}

function toggle<T extends (...args: never[]) => void>(
  inner: InnerServer,
  event: string,
  listener: T | undefined,
): void {
  inner.removeAllListeners(event);
  if (listener) inner.on(event, listener as unknown as (...args: unknown[]) => void);
}
