import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { ServerSettings } from '../../config/server-settings.js';
import type { Handler, SocketListener } from '../../handler/handler.js';
import { isThenable, whenRejected } from '../../handler/thenable.js';
import { answerFailure } from './answer/failed-answer.js';
import { behindThoseInFront } from './answer/last-answer.js';
import { answerRaw } from './answer/raw-answer.js';
import { headFault } from './http2/http2-session.js';
import { shedTakeOver } from './limits/shed.js';
import { findConnection } from './connection/connection.js';
import { tellFailure, type DispatchHost } from './dispatch.js';
import type { TakeOverEvent } from './foreign-listeners.js';
import { destroyWhenSilent, lingeringClose } from './connection/linger.js';
import { watchUpgrade, type UpgradeWatch } from './connection/pending-upgrade.js';
import { destroySocket } from './connection/own-methods.js';

/** The transport whose socket is taken over. */
export interface TakenOverTransport {
  readonly host: DispatchHost;
  readonly handler: Handler;
  readonly settings: ServerSettings;
  readonly secure: boolean;
  countRequest(): void;
}

/**
 * Hands a socket that Node gives away to the handler, unless a limit speaks against it.
 *
 * @returns False when it was answered otherwise
 */
export function takeOver(
  transport: TakenOverTransport,
  event: TakeOverEvent,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): boolean {
  // Node has taken its own listener away: a reset before the handler has added one is uncaught.
  socket.on('error', ignore);
  if (!admit(transport, event, request, socket)) return false;
  const { handler, host } = transport;
  if (isAnswer(socket)) {
    // Of HTTP/1 nobody who does not listen hears of it.
    request.on('error', ignore);
    socket.on('error', (error) => tellFailure(host, error, request));
    if (host.limits?.enabled) host.limits.holdTunnel(request, socket);
  } else {
    socket.on('finish', endUnread).removeAllListeners = removeAllListeners;
    watchUpgrade(socket, host.limits?.enabled ? host.limits.holdTakeOver(socket) : unlimited);
  }
  const listener: SocketListener | undefined = handler[event];
  callTakeOver(host, request, socket, () => listener?.call(handler, request, socket, head));
  return true;
}

/** The new owner means those that came with the socket, and not that nobody is told of its end. */
function removeAllListeners(this: Socket, ...events: [string?]): Socket {
  Socket.prototype.removeAllListeners.apply(this, events);
  this.off('error', ignore).on('error', ignore);
  this.off('finish', endUnread).on('finish', endUnread);
  findConnection({ socket: this })?.awaitEnd();
  return this;
}

/** Calls who takes a socket over; what it throws, or rejects with, ends that socket and nothing else. */
export function callTakeOver(
  host: DispatchHost,
  request: IncomingMessage,
  socket: Socket,
  call: () => unknown,
): void {
  const written = socket.bytesWritten;
  const failed = (error: unknown): void => {
    endFailed(socket, written);
    tellFailure(host, error, request);
  };
  try {
    const outcome = call();
    if (isThenable(outcome)) whenRejected(outcome, failed);
  } catch (error) {
    failed(error);
  }
}

/** False when it was answered otherwise. */
function admit(
  transport: TakenOverTransport,
  event: TakeOverEvent,
  request: IncomingMessage,
  socket: Socket,
): boolean {
  const { host, secure } = transport;
  const { limits, events } = host;
  transport.countRequest();
  const connection = findConnection({ socket });
  if (connection?.isClosing) {
    behindThoseInFront(socket, () => lingeringClose(socket));
    return false;
  }
  if (refuseHead(transport, request, socket)) return false;
  if (limits?.enabled) {
    const reason = limits.admitTakeOver();
    if (reason) {
      const refuse = (): void => shedTakeOver({ events, limits }, request, socket, reason);
      if (isAnswer(socket)) refuse();
      else behindThoseInFront(socket, refuse);
      return false;
    }
  }
  const kind = event === 'upgrade' ? 'upgraded' : 'connect';
  events?.upgradeBegun?.(request, kind);
  if (connection?.kind === 'http1') {
    connection.takeOver(kind);
    // Whoever has it now may not end its side by itself: as with Node's own TLS server.
    if (secure) socket.allowHalfOpen = false;
    events?.connectionKindChanged?.(kind, 'http1');
  }
  return true;
}

/** Answers a head that is refused of any request: one that is too long, or a client of HTTP/1 that writes `HTTP/2.0`. */
function refuseHead(
  { settings }: TakenOverTransport,
  request: IncomingMessage,
  socket: Socket,
): boolean {
  if (request.httpVersionMajor < 2) return false;
  if (isAnswer(socket)) {
    const status = headFault(request, settings);
    if (status !== undefined) socket.writeHead(status, { 'Content-Length': '0' }).end();
    return status !== undefined;
  }
  behindThoseInFront(socket, () => answerRaw(socket, '400 Bad Request'));
  return true;
}

/** With 500 where nothing was sent. */
function endFailed(socket: Socket, written: number): void {
  if (isAnswer(socket)) return answerFailure(socket);
  try {
    if (socket.bytesWritten === written && socket.writable) {
      return behindThoseInFront(socket, () => answerRaw(socket, '500 Internal Server Error'));
    }
  } catch {
    // What the handler has put in the place of the socket's own methods fails, too.
  }
  destroySocket(socket);
}

/** Of a CONNECT over HTTP/2, which is a stream and takes no socket over. */
function isAnswer(socket: Socket | ServerResponse): socket is ServerResponse {
  return 'writeHead' in socket;
}

/**
 * A socket that is not read does not learn that its client has gone, and would stay for ever once
 * its new owner has ended it and left: Nest's `WsAdapter` does so for a path that is none.
 */
function endUnread(this: Socket): void {
  // Who reads may have paused, and go on when what it has read is handed on.
  if (this.readableFlowing || this.listenerCount('data') + this.listenerCount('readable') > 0)
    return;
  this.resume();
  destroyWhenSilent(this);
}

const unlimited: UpgradeWatch = { settled: ignore, opened: ignore };

function ignore(): void {
  // An upgraded socket ends with its error, and whoever has it listens for more.
}
