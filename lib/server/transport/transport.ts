import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { Server as TlsServer, TLSSocket } from 'node:tls';
import type { ServerSettings } from '../../config/server-settings.js';
import type { Handler } from '../../handler/handler.js';
import type { TlsMaterial } from '../../tls/tls-material.js';
import { beginConnection, beginsAtOnce } from './begin-connection.js';
import type { Connection } from './connection/connection.js';
import type { DrainObserver } from './connection/drain-observer.js';
import { openSession } from './http2/http2-session.js';
import { Http2Watch } from './http2/http2-watch.js';
import { listenAsHandled, listenTo, stopListening } from './inner-events.js';
import { applyTimeouts, createInnerServer, type InnerServer } from './inner-server.js';
import { IdleWatch } from './limits/idle-watch.js';
import { mayAdopt, type MovedConnection } from './connection/moved-connection.js';
import { closeServer, showOn } from './node/node-server.js';
import { contextOf, useMaterial, withdrawUnproven } from './node/node-tls.js';
import { pauseWithoutLoss } from './node/pause-parser.js';
import { noSockets, SocketTable } from './connection/socket-table.js';
import type { TransportHost } from './transport-host.js';

/** All that a transport is made from. */
export interface TransportSpec {
  readonly settings: ServerSettings;
  readonly material: TlsMaterial | undefined;
  readonly handler: Handler;
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
  private http2Watch: Http2Watch | undefined;
  private idleWatch: IdleWatch | undefined;
  private begun = 0;
  private observer: DrainObserver | undefined;
  private currentHandler: Handler;
  private currentSettings: ServerSettings;
  private material: TlsMaterial | undefined;

  constructor(
    readonly host: TransportHost,
    { settings, material, handler }: TransportSpec,
  ) {
    this.currentSettings = settings;
    this.material = material;
    this.currentHandler = handler;
    if (material) this.createInner();
  }

  /** Node's server; undefined before the first connection to one without TLS. */
  get inner(): InnerServer | undefined {
    return this.innerServer;
  }

  get handler(): Handler {
    return this.currentHandler;
  }

  get settings(): ServerSettings {
    return this.currentSettings;
  }

  get connections(): ReadonlySet<Connection> {
    return this.table.connections;
  }

  /** How many sockets are open, those in their TLS handshake included. */
  get openSockets(): number {
    return this.table.size;
  }

  /** The sockets beneath TLS; none without. */
  get tlsSockets(): ReadonlySet<Socket> {
    return this.table.tlsSockets;
  }

  /** Those of the sockets that are in their TLS handshake. */
  get handshakes(): ReadonlySet<Socket> {
    return this.table.handshakes;
  }

  /** Requests begun since this transport was made. */
  get requests(): number {
    return this.begun;
  }

  countRequest(): void {
    this.begun += 1;
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
    this.table.accept(socket, moved);
    this.idleWatch?.begin();
    if (beginsAtOnce(this.settings, this.material, moved))
      return void inner.emit('connection', socket);
    beginConnection(socket, inner, {
      settings: this.settings,
      moved,
      material: () => this.material,
      isInHandshake: () => this.table.handshakes.has(socket),
      refuse: () => this.table.refuse(socket),
    });
  }

  /** Whether a connection of another process goes on here as if it had never been elsewhere. */
  adopts(moved: MovedConnection): boolean {
    return !this.secure && this.observer === undefined && mayAdopt(moved, this.settings);
  }

  /** A TLS handshake is done. */
  secured(socket: TLSSocket): void {
    withdrawUnproven(socket);
    this.table.secured(socket);
    pauseWithoutLoss(socket);
  }

  /** A client speaks HTTP/2. */
  openSession(session: ServerHttp2Session): void {
    const connection = openSession(session, this.settings);
    // One that is refused as well: as a session it is told as closed.
    this.host.events?.connectionKindChanged?.('http2', 'http1');
    if (connection === undefined || this.innerServer === undefined) return;
    if (!this.secure) showOn(connection.socket, this.innerServer);
    this.http2Watch ??= new Http2Watch(this.settings.timeouts);
    this.http2Watch.add(connection, session);
  }

  /** Effective for the next request. */
  setHandler(handler: Handler): void {
    this.currentHandler = handler;
    if (this.innerServer) listenAsHandled(this.innerServer);
  }

  /** Takes over what can change without a new transport; open connections go on. */
  reconfigure(settings: ServerSettings, material: TlsMaterial | undefined): void {
    if (this.material && material && this.material.fingerprint !== material.fingerprint) {
      useMaterial(this.innerServer as TlsServer, material);
      this.material = material;
    }
    this.currentSettings = settings;
    if (this.innerServer === undefined) return;
    applyTimeouts(this.innerServer, settings);
    this.http2Watch?.reconfigure(settings.timeouts);
    this.idleWatch?.reconfigure(settings.timeouts);
  }

  /** Ends the enforcement of timeouts. Call it when no connection is left. */
  close(): void {
    if (this.innerServer === undefined) return;
    this.idleWatch?.stop();
    closeServer(this.innerServer);
    stopListening(this.innerServer);
  }

  private createInner(): InnerServer {
    this.table = new SocketTable(this);
    const inner = createInnerServer(this.settings, this.material, (servername, socket) => {
      const context = this.material?.contextFor(servername) ?? this.material?.base;
      // With mixed keys it was chosen before, and so is the base: but not where they have changed since it connected.
      return context === contextOf(socket) ? undefined : context;
    });
    this.innerServer = inner;
    this.idleWatch = new IdleWatch(this, this.settings.timeouts.idleMs);
    listenTo(inner, this);
    return inner;
  }
}
