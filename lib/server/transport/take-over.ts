import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Handler, SocketListener } from '../../handler/handler.js';
import { isThenable } from '../../handler/thenable.js';
import { answerClientError } from './client-error.js';
import { guard } from './dispatch.js';
import { answerFailure } from './answer/failed-answer.js';
import type { ForeignListeners, TakeOverEvent } from './foreign-listeners.js';
import type { InnerServer } from './inner-server.js';
import { destroyWhenSilent } from './linger.js';
import { endWith } from './answer/raw-answer.js';
import { answeredTls, type OnWrongProtocol } from './wrong-protocol.js';

/** What is done with what Node does not give as an ordinary request. */
export interface TakeOverHost {
  readonly foreign: ForeignListeners;
  /** A handler is to get the socket; false when it was answered otherwise. */
  takeOver(request: IncomingMessage, socket: Socket, event: TakeOverEvent): boolean;
  failed(error: unknown, request: IncomingMessage): void;
  readonly wrongProtocol: OnWrongProtocol;
  readonly checkContinue: RequestListener;
  readonly checkExpectation: RequestListener;
}

/**
 * Listens for what the handler takes besides ordinary requests. A listener is there only while the
 * handler takes such: with one for 'upgrade', Node no longer treats an upgrade nobody wants as an
 * ordinary request.
 */
export class TakeOvers {
  private readonly own = new Map<string, (...args: never[]) => unknown>();
  private readonly release: () => void;

  constructor(
    private readonly inner: InnerServer,
    private handler: Handler,
    private readonly host: TakeOverHost,
  ) {
    this.release = host.foreign.watch({
      inner,
      isOwn: (listener) => [...this.own.values()].some((own) => own === listener),
      changed: () => this.update(),
    });
    this.toggle('clientError', true, this.clientError);
    this.update();
  }

  setHandler(handler: Handler): void {
    this.handler = handler;
    this.update();
  }

  close(): void {
    this.release();
  }

  private update(): void {
    const { upgrade, connect, checkContinue, checkExpectation } = this.handler;
    const { foreign } = this.host;
    this.toggle('upgrade', upgrade !== undefined || foreign.has('upgrade'), this.upgrade);
    this.toggle('connect', connect !== undefined || foreign.has('connect'), this.connect);
    this.toggle('checkContinue', checkContinue !== undefined, this.host.checkContinue);
    this.toggle('checkExpectation', checkExpectation !== undefined, this.host.checkExpectation);
  }

  /** Before the listeners of others: it has to own the errors of a socket before they get it. */
  private toggle(event: string, isWanted: boolean, listener: (...args: never[]) => unknown): void {
    const current = this.own.get(event);
    if (isWanted === (current !== undefined)) return;
    if (current) {
      this.inner.off(event, current as never);
      this.own.delete(event);
    } else {
      this.own.set(event, listener);
      this.inner.prependListener(event, listener as never);
    }
  }

  private readonly upgrade = (request: IncomingMessage, socket: Socket, head: Buffer): void =>
    this.hand('upgrade', request, socket, head);

  private readonly connect = (request: IncomingMessage, socket: Socket, head: Buffer): void =>
    this.hand('connect', request, socket, head);

  private hand(event: TakeOverEvent, request: IncomingMessage, socket: Socket, head: Buffer): void {
    // Node has taken its own listener away: a reset before the handler has added one is uncaught.
    socket.on('error', ignore);
    if (!this.host.takeOver(request, socket, event)) return;
    if (!isAnswer(socket)) socket.once('finish', endUnread);
    const { handler } = this;
    const listener: SocketListener | undefined = handler[event];
    const written = socket.bytesWritten;
    const failed = (error: unknown): void => {
      endFailed(socket, written);
      this.host.failed(error, request);
    };
    try {
      const outcome: unknown = listener?.call(handler, request, socket, head);
      if (isThenable(outcome)) guard(outcome, failed);
    } catch (error) {
      failed(error);
    }
  }

  private readonly clientError = (error: Error, socket: Socket): void => {
    if (answeredTls(error, socket, this.host.wrongProtocol)) return;
    if (this.handler.clientError === undefined) return answerClientError(error, socket);
    try {
      const outcome: unknown = this.handler.clientError(error, socket);
      if (isThenable(outcome)) guard(outcome, () => socket.destroy());
    } catch {
      // What it was to tell the client is lost, and so is the connection.
      socket.destroy();
    }
  };
}

/** With 500 where nothing was sent; what waits in front of it in a pipeline is lost with it. */
function endFailed(socket: Socket, written: number): void {
  if (isAnswer(socket)) answerFailure(socket);
  else if (socket.bytesWritten === written && socket.writable) {
    endWith(socket, '500 Internal Server Error');
  } else socket.destroy();
}

/** Of a CONNECT over HTTP/2, which is a stream and takes no socket over. */
export function isAnswer(socket: Socket | ServerResponse): socket is ServerResponse {
  return 'writeHead' in socket;
}

/**
 * A socket that is not read does not learn that its client has gone, and would stay for ever once
 * its new owner has ended it and left: Nest's `WsAdapter` does so for a path that is none.
 */
function endUnread(this: Socket): void {
  if (this.readableFlowing !== null) return;
  this.resume();
  destroyWhenSilent(this);
}

function ignore(): void {
  // An upgraded socket ends with its error, and whoever has it listens for more.
}
