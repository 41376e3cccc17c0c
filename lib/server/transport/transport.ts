import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import type { ServerSettings } from '../../config/server-settings.js';
import type { Handler } from '../../handler/handler.js';
import { refreshTls } from '../../tls/refresh-tls.js';
import type { TlsMaterial } from '../../tls/tls-material.js';
import { Connection, findConnection } from './connection.js';
import { dispatch, type DispatchHost, type RequestEvent } from './dispatch.js';
import { usesProhibitedCipher } from './http2-session.js';
import {
  applyTimeouts,
  createInnerServer,
  startTimeoutChecker,
  type InnerServer,
} from './inner-server.js';
import { pauseWithoutLoss } from './pause-parser.js';
import { requestEmitter } from './request-emitter.js';

/** What a transport serves for. */
export interface TransportHost extends DispatchHost {
  /** Told to every connection, so that a request finds the server that accepted it. */
  readonly owner: unknown;
}

/** All that a transport is made from. */
export interface TransportSpec {
  readonly settings: ServerSettings;
  readonly material: TlsMaterial | undefined;
  readonly handler: Handler;
}

/** What a drain needs to be told of while it goes on. */
export interface ClosingObserver {
  /** A request begins while the transport closes; `dispatch` hands it to the handler. */
  request(connection: Connection, response: ServerResponse, dispatch: () => void): void;
  stream(stream: ServerHttp2Stream): void;
  /** A connection is gone, or never came to be one. */
  gone(): void;
}

/** Of a transport that nobody has connected to. */
const noConnections = new Set<Connection>();
const noSockets = new Set<Socket>();

/**
 * One http, https or http2 server made from a config, and the connections handed to it. It never
 * listens: the listener outlives it, so a server can swap transports without a second `bind`.
 */
export class Transport {
  /** Made with Node's server, as {@link sockets} is. */
  connections: Set<Connection> = noConnections;
  /** Every raw socket; one that belongs to no connection is still in its TLS handshake. */
  sockets: Set<Socket> = noSockets;
  /** Node's server. Without TLS nothing can fail in its making, so it waits for a connection. */
  inner: InnerServer | undefined;
  /** Requests begun since this transport was made. */
  requests = 0;
  /** Set by the drain; while it is set, answers close their connections. */
  closing: ClosingObserver | undefined;
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

  private createInner(): InnerServer {
    this.connections = new Set();
    this.sockets = new Set();
    const inner = createInnerServer(this.settings, this.material, (servername) =>
      this.material?.contextFor(servername),
    );
    inner.on('session', (session: ServerHttp2Session) => this.openSession(session));
    // Before 'request', which Node makes of the same event: a request finds its stream counted.
    inner.on('stream', (stream: ServerHttp2Stream) => this.openStream(stream));
    const onRequest = (request: IncomingMessage, response: ServerResponse): void =>
      this.serve(request, response, 'request');
    requestEmitter(inner, this).on('request', onRequest);
    // Before Node's own listener, which may emit 'session' at once.
    inner.prependListener('secureConnection', (socket: TLSSocket) => {
      const connection = this.track(socket);
      socket.on('close', () => {
        this.connections.delete(connection);
        this.closing?.gone();
      });
      pauseWithoutLoss(socket);
    });
    this.listenForTakeOvers(inner);
    this.inner = inner;
    return inner;
  }

  get secure(): boolean {
    return this.material !== undefined;
  }

  /** How long a connection may be without a request. */
  get idleMs(): number {
    return this.settings.timeouts.idleMs;
  }

  /** Node ends a half-closed socket by itself for all but plain HTTP/1, which must answer first. */
  accept(socket: Socket): void {
    const plain = !this.secure;
    const inner = this.inner ?? this.createInner();
    socket.allowHalfOpen = plain && this.settings.protocol === 'http1';
    this.sockets.add(socket);
    const connection = plain ? this.track(socket) : undefined;
    // One listener, and not `once`, which makes two functions more: this is done for each connection.
    socket.on('close', () => {
      this.sockets.delete(socket);
      if (connection) this.connections.delete(connection);
      this.closing?.gone();
    });
    inner.emit('connection', socket);
  }

  /**
   * Effective for the next request. An `upgrade` listener is there only while the handler takes
   * upgrades: with one, Node no longer treats an upgrade nobody wants as an ordinary request.
   */
  setHandler(handler: Handler): void {
    this.handler = handler;
    if (this.inner) this.listenForTakeOvers(this.inner);
  }

  /** Takes over what can change without a new transport; open connections go on. */
  reconfigure(settings: ServerSettings, material: TlsMaterial | undefined): void {
    if (this.material && material && this.material.fingerprint !== material.fingerprint) {
      refreshTls(this.inner as unknown as TlsServer, this.material, material);
      this.material = material;
    }
    this.settings = settings;
    if (this.inner === undefined) return;
    applyTimeouts(this.inner, settings);
    startTimeoutChecker(this.inner, settings);
  }

  /** Ends the enforcement of timeouts. Call it when no connection is left. */
  dispose(): void {
    // It never listened, and Node says so in the callback: there is nothing to be told.
    this.inner?.close(() => undefined);
  }

  private serve(request: IncomingMessage, response: ServerResponse, event: RequestEvent): void {
    this.requests += 1;
    const { closing } = this;
    const isHttp2 = request.httpVersionMajor >= 2;
    if (isHttp2 && closing === undefined) return this.dispatch(request, response, event);
    const connection = findConnection(request) as Connection;
    // Its body is read all the same: unread bytes would turn the end of the connection into a reset.
    if (connection.closing) return void request.resume();
    if (!isHttp2) connection.begin(response);
    if (closing === undefined) return this.dispatch(request, response, event);
    closing.request(connection, response, () => this.dispatch(request, response, event));
  }

  private dispatch(request: IncomingMessage, response: ServerResponse, event: RequestEvent): void {
    dispatch(this.host, this.handler, request, response, event);
  }

  private upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    (findConnection(request) as Connection).kind = 'upgraded';
    this.handler.upgrade?.(request, socket, head);
  }

  private connect(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const connection = findConnection({ socket });
    // Over HTTP/2 a CONNECT is a stream of its own and takes no socket over.
    if (connection?.kind === 'http1') connection.kind = 'connect';
    this.handler.connect?.(request, socket, head);
  }

  private openSession(session: ServerHttp2Session): void {
    const connection = findConnection({ socket: session.socket as Socket }) as Connection;
    connection.kind = 'http2';
    connection.session = session;
    const { http2, options, timeouts } = this.settings;
    if (!this.permitsCipher(session)) {
      session.destroy(undefined, constants.NGHTTP2_INADEQUATE_SECURITY);
      return;
    }
    session.setLocalWindowSize(http2.maxUploadBufferPerConnection);
    session.on('timeout', () => connection.streams.size === 0 && session.close());
    if (options.idleTimeout !== undefined) session.setTimeout(timeouts.idleMs);
  }

  private permitsCipher(session: ServerHttp2Session): boolean {
    if (!this.secure || this.settings.http2.permitProhibitedCipherSuites) return true;
    return !usesProhibitedCipher(session.socket as TLSSocket);
  }

  private openStream(stream: ServerHttp2Stream): void {
    const connection = findConnection({ socket: stream.session?.socket as Socket });
    if (connection === undefined) return;
    connection.open(stream);
    this.closing?.stream(stream);
  }

  private track(socket: Socket): Connection {
    const connection = new Connection(socket, this.host.owner);
    this.connections.add(connection);
    return connection;
  }

  private listenForTakeOvers(inner: InnerServer): void {
    const { upgrade, connect, checkContinue } = this.handler;
    toggle<TakeOver>(inner, 'upgrade', upgrade && ((...args) => this.upgrade(...args)));
    toggle<TakeOver>(inner, 'connect', connect && ((...args) => this.connect(...args)));
    const onCheckContinue = (request: IncomingMessage, response: ServerResponse): void =>
      this.serve(request, response, 'checkContinue');
    toggle(inner, 'checkContinue', checkContinue && onCheckContinue);
  }
}

type TakeOver = (request: IncomingMessage, socket: Socket, head: Buffer) => void;

function toggle<T extends (...args: never[]) => void>(
  inner: InnerServer,
  event: string,
  listener: T | undefined,
): void {
  inner.removeAllListeners(event);
  if (listener) inner.on(event, listener as unknown as (...args: unknown[]) => void);
}
