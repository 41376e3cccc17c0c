import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import { KEEP_ALIVE_DEFAULTS } from '../../config/options/keep-alive.js';
import type { ServerSettings } from '../../config/server-settings.js';
import type { Handler } from '../../handler/handler.js';
import type { TlsMaterial } from '../../tls/tls-material.js';
import { beginConnection, beginsAtOnce } from './begin-connection.js';
import { mayAdopt, type MovedConnection } from './moved-connection.js';
import { findConnection, type Connection } from './connection.js';
import { dispatch, tellFailure, type DispatchHost, type RequestEvent } from './dispatch.js';
import type { ForeignListeners, TakeOverEvent } from './foreign-listeners.js';
import { openSession, openStream, refuse, streamFault } from './http2/http2-session.js';
import { Http2Watch } from './http2/http2-watch.js';
import {
  applyTimeouts,
  createInnerServer,
  startTimeoutChecker,
  type InnerServer,
} from './inner-server.js';
import { goAwayFirst } from './http2/go-away.js';
import { answerHalfOpen } from './half-open.js';
import { endsKeepAlive } from './limits/keep-alive.js';
import { closeAfter, whenLastIsKnown } from './answer/last-answer.js';
import { lingeringClose } from './linger.js';
import { useMaterial } from './node/node-tls.js';
import { pauseWithoutLoss } from './node/pause-parser.js';
import { requestEmitter } from './request-emitter.js';
import { noSockets, SocketTable, type SocketHost } from './socket-table.js';
import { shedTakeOver } from './answer/shed.js';
import { TakeOvers } from './take-over.js';
import { tellRequest } from './events/tell-request.js';
import { watchProtocol, type OnWrongProtocol } from './wrong-protocol.js';

/** What a transport serves for. */
export interface TransportHost extends DispatchHost, SocketHost {
  /** Of the server, over all its transports. */
  readonly foreign: ForeignListeners;
  /** A client spoke another protocol than the server does. */
  wrongProtocol(...spoken: Parameters<OnWrongProtocol>): void;
}

/** All that a transport is made from. */
export interface TransportSpec {
  readonly settings: ServerSettings;
  readonly material: TlsMaterial | undefined;
  readonly handler: Handler;
}

/** What a drain needs to be told of while it goes on. */
export interface DrainObserver {
  /** A request of HTTP/1 begins, whose answer closes its connection where it is the last. */
  request(connection: Connection, response: ServerResponse): void;
  /** A request of HTTP/2 begins; `dispatch` hands it to the handler. */
  streamRequest(connection: Connection, response: ServerResponse, dispatch: () => void): void;
  stream(stream: ServerHttp2Stream): void;
  /** A socket is gone. */
  gone(): void;
}

/**
 * One http, https or http2 server made from a config, and the connections handed to it. It never
 * listens: the listener outlives it, so a server can swap transports without a second `bind`.
 */
export class Transport {
  /** Made with Node's server. */
  private table = noSockets;
  /** Without TLS nothing can fail in the making of Node's server: it waits for a connection. */
  private innerServer: InnerServer | undefined;
  private takeOvers: TakeOvers | undefined;
  private http2Watch: Http2Watch | undefined;
  private begun = 0;
  private observer: DrainObserver | undefined;
  private handler: Handler;
  private settings: ServerSettings;
  private material: TlsMaterial | undefined;

  constructor(
    private readonly host: TransportHost,
    { settings, material, handler }: TransportSpec,
  ) {
    this.settings = settings;
    this.material = material;
    this.handler = handler;
    if (material) this.createInner();
  }

  /** Node's server; undefined before the first connection to one without TLS. */
  get inner(): InnerServer | undefined {
    return this.innerServer;
  }

  get connections(): ReadonlySet<Connection> {
    return this.table.connections;
  }

  /** Every raw socket, those in their TLS handshake included. */
  get sockets(): ReadonlySet<Socket> {
    return this.table.sockets;
  }

  /** Those of the sockets that are in their TLS handshake. */
  get handshakes(): ReadonlySet<Socket> {
    return this.table.handshakes;
  }

  /** Requests begun since this transport was made. */
  get requests(): number {
    return this.begun;
  }

  /** While there is one, each connection ends with its next answer. */
  get drain(): DrainObserver | undefined {
    return this.observer;
  }

  /** It drains from here on, for good. */
  drainTo(observer: DrainObserver): void {
    this.observer = observer;
  }

  get secure(): boolean {
    return this.material !== undefined;
  }

  /** Which clients it lets in by their certificates; undefined: it asks for none. */
  get trust(): string | undefined {
    return this.material?.requestCert ? this.material.trust : undefined;
  }

  /**
   * Node ends a half-closed socket by itself for all but plain HTTP/1, which must answer first.
   *
   * @param moved What is known of a connection that another process has served
   */
  accept(socket: Socket, moved?: MovedConnection): void {
    const inner = this.innerServer ?? this.createInner();
    socket.allowHalfOpen = !this.secure && this.settings.protocol === 'http1';
    this.table.accept(socket, this.secure ? 'tls' : 'http1', moved);
    if (beginsAtOnce(this.settings, this.material, moved))
      return void inner.emit('connection', socket);
    beginConnection(socket, inner, {
      settings: this.settings,
      moved,
      material: () => this.material,
      refuse: () => this.table.refuse(socket),
    });
  }

  /** Whether a connection of another process goes on here as if it had never been elsewhere. */
  adopts(moved: MovedConnection): boolean {
    return !this.secure && this.observer === undefined && mayAdopt(moved, this.settings);
  }

  /** Effective for the next request. */
  setHandler(handler: Handler): void {
    this.handler = handler;
    this.takeOvers?.setHandler(handler);
  }

  /** Takes over what can change without a new transport; open connections go on. */
  reconfigure(settings: ServerSettings, material: TlsMaterial | undefined): void {
    if (this.material && material && this.material.fingerprint !== material.fingerprint) {
      useMaterial(this.innerServer as TlsServer, material);
      this.material = material;
    }
    this.settings = settings;
    if (this.innerServer === undefined) return;
    applyTimeouts(this.innerServer, settings);
    startTimeoutChecker(this.innerServer, settings);
    this.http2Watch?.reconfigure(settings.timeouts);
  }

  /** Ends the enforcement of timeouts. Call it when no connection is left. */
  close(): void {
    // It never listened, and Node says so in the callback: there is nothing to be told.
    this.innerServer?.close(() => undefined);
    this.takeOvers?.close();
  }

  private createInner(): InnerServer {
    this.table = new SocketTable(this.host, () => this.observer?.gone());
    const inner = createInnerServer(this.settings, this.material, (servername) =>
      // With mixed keys it was chosen before: Node would add this one to it, and not replace it.
      this.material?.hasMixedKeys ? undefined : this.material?.contextFor(servername),
    );
    inner.on('session', (session: ServerHttp2Session) => this.openSession(session));
    // Before 'request', which Node makes of the same event: a request finds its stream counted.
    inner.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      if (openStream(stream, headers)) this.observer?.stream(stream);
    });
    const onRequest = (request: IncomingMessage, response: ServerResponse): void =>
      this.serve(request, response, 'request');
    requestEmitter(inner, this).on('request', onRequest);
    // Before Node's own listener, which may emit 'session' at once.
    inner.prependListener('secureConnection', (socket: TLSSocket) => {
      this.table.secured(socket);
      pauseWithoutLoss(socket);
    });
    const wrongProtocol: OnWrongProtocol = (...spoken) => this.host.wrongProtocol(...spoken);
    watchProtocol(inner, wrongProtocol);
    this.innerServer = inner;
    this.takeOvers = new TakeOvers(inner, this.handler, {
      foreign: this.host.foreign,
      takeOver: (request, socket, event) => this.takeOver(request, socket, event),
      failed: (error, request) => tellFailure(this.host, error, request),
      wrongProtocol,
      checkContinue: (request, response) => this.serve(request, response, 'checkContinue'),
      checkExpectation: (request, response) => this.serve(request, response, 'checkExpectation'),
    });
    return inner;
  }

  private openSession(session: ServerHttp2Session): void {
    const connection = openSession(session, this.settings);
    if (connection === undefined) return;
    this.host.events?.connectionKindChanged?.('http2', 'http1');
    this.http2Watch ??= new Http2Watch(this.settings.timeouts);
    this.http2Watch.add(connection, session);
  }

  private serve(request: IncomingMessage, response: ServerResponse, event: RequestEvent): void {
    this.begun += 1;
    const { observer, host } = this;
    if (request.httpVersionMajor >= 2) return this.serveStream(request, response, event);
    const connection = findConnection(request) as Connection;
    // Its body is read all the same: unread bytes would turn the end of the connection into a reset.
    if (connection.isClosing) return void request.resume();
    const before = connection.begin(response);
    if (host.events) tellRequest(host.events, request, response, connection);
    const isLast = endsKeepAlive(connection, this.settings.keepAlive);
    if (observer === undefined && !isLast) {
      this.dispatch(request, response, event);
      if (!response.writableEnded) answerHalfOpen(connection);
      return;
    }
    answerHalfOpen(connection);
    // What is pipelined behind the last one is for the client to ask again.
    if (isLast && !this.settings.keepAlive.disabled) connection.refuseRequests();
    closeAfter(connection, response);
    observer?.request(connection, response);
    whenLastIsKnown(connection, before, () => this.dispatch(request, response, event));
  }

  private serveStream(
    request: IncomingMessage,
    response: ServerResponse,
    event: RequestEvent,
  ): void {
    const { events } = this.host;
    if (events) tellRequest(events, request, response);
    const status = streamFault(request, this.settings);
    if (status !== undefined) return refuse(response, status);
    const handOn = (): void => this.dispatch(request, response, event);
    const { observer } = this;
    if (observer === undefined && this.settings.keepAlive === KEEP_ALIVE_DEFAULTS) return handOn();
    const connection = findConnection(request) as Connection;
    const isLast = endsKeepAlive(connection, this.settings.keepAlive);
    if (observer) return observer.streamRequest(connection, response, handOn);
    if (isLast) goAwayFirst(connection, response, handOn);
    else handOn();
  }

  private dispatch(request: IncomingMessage, response: ServerResponse, event: RequestEvent): void {
    dispatch(this.host, this.handler, request, response, event);
  }

  private takeOver(request: IncomingMessage, socket: Socket, event: TakeOverEvent): boolean {
    this.begun += 1;
    const { limits, events } = this.host;
    const connection = findConnection({ socket });
    if (connection?.isClosing) {
      lingeringClose(socket);
      return false;
    }
    const reason = limits?.enabled ? limits.admitTakeOver(request, socket) : undefined;
    if (reason) {
      shedTakeOver(this.host, request, socket, reason);
      return false;
    }
    const kind = event === 'upgrade' ? 'upgraded' : 'connect';
    events?.upgradeBegun?.(request, kind);
    if (connection?.kind === 'http1') {
      connection.takeOver(kind);
      // Whoever has it now may not end its side by itself: as with Node's own TLS server.
      if (this.secure) socket.allowHalfOpen = false;
      events?.connectionKindChanged?.(kind, 'http1');
    }
    return true;
  }
}
