import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { clientFailed } from './client-error.js';
import {
  areOurs,
  isForeign,
  type ForeignListener,
  type TakeOverEvent,
} from './foreign-listeners.js';
import { guardForeign } from './guard-foreign.js';
import { openStream } from './http2/http2-session.js';
import type { InnerServer } from './inner-server.js';
import { tellFailure, type RequestEvent } from './dispatch.js';
import { requestEmitter } from './request-emitter.js';
import { serveRequest, type ServingTransport } from './serve-request.js';
import { takeOver, type TakenOverTransport } from './take-over.js';
import type { TransportHost } from './transport-host.js';
import { answerPlainHttp, tellNotHttp2 } from './wrong-protocol.js';

/** The transport behind Node's server. */
interface InnerOwner extends ServingTransport, TakenOverTransport {
  readonly host: TransportHost;
  readonly secure: boolean;
  openSession(session: ServerHttp2Session): void;
  /** A handshake is done. */
  secured(socket: TLSSocket): void;
}

const transportOf = Symbol('nestjs-http-pool.transport');

/** An emitter that is marked with its transport: the listeners are the same functions for all servers. */
interface Owned {
  [transportOf]: InnerOwner;
}

/** Has a transport serve what Node's server tells, from now until {@link stopListening}. */
export function listenTo(inner: InnerServer, transport: InnerOwner): void {
  own(inner, transport);
  const { secure, settings, host } = transport;
  if (settings.protocol === 'http2') {
    inner.on('session', onSession).on('sessionError', onSessionError);
    // Before 'request', which Node makes of the same event: a request finds its stream counted.
    inner.on('stream', onStream);
  }
  const requests = requestEmitter(inner, transport);
  own(requests, transport);
  requests.on('request', onRequest);
  // Node would answer by itself, past the limits and the end of a connection that drains.
  inner.on('checkExpectation', onCheckExpectation);
  if (secure) {
    // Before Node's own listener, which may emit 'session' at once.
    inner.prependListener('secureConnection', onSecureConnection);
    inner.on('tlsClientError', onTlsClientError);
  }
  inner.on('clientError', onClientError);
  if (host.foreign) guardForeign(inner, transport);
  host.foreign?.copyTo(inner);
  inner.on('newListener', onNewListener as never).on('removeListener', onRemoveListener as never);
  listenAsHandled(inner);
}

/** Of a server that is closed. */
export function stopListening(inner: InnerServer): void {
  inner.off('newListener', onNewListener as never).off('removeListener', onRemoveListener as never);
}

/**
 * Listens for what the handler takes besides ordinary requests, and for nothing else: with a listener for
 * 'upgrade', Node no longer treats an upgrade nobody wants as an ordinary request.
 */
export function listenAsHandled(inner: InnerServer): void {
  const { handler, host } = (inner as unknown as Owned)[transportOf];
  const { upgrade, connect, checkContinue } = handler;
  const { foreign } = host;
  toggle(inner, 'upgrade', onUpgrade, upgrade !== undefined || foreign?.has('upgrade') === true);
  toggle(inner, 'connect', onConnect, connect !== undefined || foreign?.has('connect') === true);
  toggle(inner, 'checkContinue', onCheckContinue, checkContinue !== undefined);
}

/** Before the listeners of others: it has to own the errors of a socket before they get it. */
function toggle(
  inner: EventEmitter,
  event: string,
  listener: (...args: never[]) => void,
  isWanted: boolean,
): void {
  const isThere = inner.listeners(event).includes(listener);
  if (isWanted && !isThere) inner.prependListener(event, listener as never);
  if (!isWanted && isThere) inner.off(event, listener as never);
}

function own(emitter: unknown, transport: InnerOwner): void {
  (emitter as Owned)[transportOf] = transport;
}

function onRequest(this: Owned, request: IncomingMessage, response: ServerResponse): void {
  serve(this, request, response, 'request');
}

function onCheckContinue(this: Owned, request: IncomingMessage, response: ServerResponse): void {
  serve(this, request, response, 'checkContinue');
}

function onCheckExpectation(this: Owned, request: IncomingMessage, response: ServerResponse): void {
  serve(this, request, response, 'checkExpectation');
}

function serve(
  emitter: Owned,
  request: IncomingMessage,
  response: ServerResponse,
  event: RequestEvent,
): void {
  own(response, emitter[transportOf]);
  // A write behind the end is one. With nobody to listen, it would end the process.
  response.on('error', onAnswerError);
  if (request.httpVersionMajor >= 2) request.on('error', ignore);
  serveRequest(emitter[transportOf], request, response, event);
}

function onAnswerError(this: ServerResponse & Owned, error: Error): void {
  tellFailure(this[transportOf].host, error, this.req);
}

function ignore(): void {
  // It was destroyed by its handler, and its stream with it.
}

function onUpgrade(this: Owned, request: IncomingMessage, socket: Socket, head: Buffer): void {
  takeOver(this[transportOf], 'upgrade', request, socket, head);
}

function onConnect(this: Owned, request: IncomingMessage, socket: Socket, head: Buffer): void {
  takeOver(this[transportOf], 'connect', request, socket, head);
}

function onClientError(this: Owned, error: Error, socket: Socket): void {
  clientFailed(this[transportOf], error, socket);
}

function onSecureConnection(this: Owned, socket: TLSSocket): void {
  this[transportOf].secured(socket);
}

function onTlsClientError(this: Owned, error: Error, socket: TLSSocket): void {
  answerPlainHttp(error, socket, this[transportOf].host);
}

function onSession(this: Owned, session: ServerHttp2Session): void {
  this[transportOf].openSession(session);
}

function onSessionError(this: Owned, error: Error, session: ServerHttp2Session): void {
  tellNotHttp2(error, session, this[transportOf].host);
}

function onStream(this: Owned, stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
  if (openStream(stream, headers)) this[transportOf].drain?.stream(stream);
}

areOurs(onUpgrade, onConnect);

/** Each server hears of what is copied to it by itself. */
function onNewListener(this: InnerServer & Owned, event: string, listener: ForeignListener): void {
  if (!isTakeOver(event) || !isForeign(listener)) return;
  const transport = this[transportOf];
  guardForeign(this, transport);
  transport.host.ensureForeign().adding(this, event);
  listenAsHandled(this);
}

function onRemoveListener(
  this: InnerServer & Owned,
  event: string,
  listener: ForeignListener,
): void {
  if (!isTakeOver(event) || !isForeign(listener)) return;
  this[transportOf].host.foreign?.removed(this, event);
  listenAsHandled(this);
}

function isTakeOver(event: string): event is TakeOverEvent {
  return event === 'upgrade' || event === 'connect';
}
