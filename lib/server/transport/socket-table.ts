import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { showAsIts } from '../../proxy-protocol/accept-proxied.js';
import type { MovedConnection } from './moved-connection.js';
import { Connection, type ConnectionTable } from './connection.js';
import { acceptedSocketOf } from './node/node-tls.js';
import type { ServerEvents } from './events/server-events.js';

/** Whom sockets are accepted for. */
export interface SocketHost {
  /** Told to every connection, so that a request finds the server that accepted it. */
  readonly owner: unknown;
  /** Those who watch the server, as of now; undefined: nobody does. */
  readonly events: ServerEvents | undefined;
}

/** The sockets that were handed to a transport, and the connections that they came to be. */
export class SocketTable implements ConnectionTable {
  readonly sockets = new Set<Socket>();
  readonly handshakes = new Set<Socket>();
  readonly connections = new Set<Connection>();

  /** @param gone Called when a socket or a connection is gone */
  constructor(
    private readonly host: SocketHost,
    private readonly gone: () => void,
  ) {}

  /** The server that has accepted them. */
  get owner(): unknown {
    return this.host.owner;
  }

  accept(socket: Socket, kind: 'tls' | 'http1', moved?: MovedConnection): void {
    this.sockets.add(socket);
    if (kind === 'http1') {
      this.add(socket, moved);
    } else {
      this.handshakes.add(socket);
      socket.on('close', () => this.leave(socket));
    }
    this.host.events?.connectionAccepted?.(kind);
  }

  /** Destroys a socket whose first bytes are not those that it needs. */
  refuse(socket: Socket): void {
    this.host.events?.connectionRefused?.('proxy_header');
    // Its handshake has not begun, and has not failed.
    if (this.handshakes.delete(socket)) this.host.events?.connectionClosed?.('tls');
    socket.destroy();
  }

  /** The handshake is done. */
  secured(socket: TLSSocket): void {
    const accepted = acceptedSocketOf(socket);
    if (accepted) {
      this.handshakes.delete(accepted);
      showAsIts(accepted, socket);
    }
    this.add(socket);
    if (socket.alpnProtocol !== 'h2') socket.allowHalfOpen = true;
    this.host.events?.connectionKindChanged?.('http1', 'tls');
  }

  closed(connection: Connection): void {
    this.connections.delete(connection);
    this.sockets.delete(connection.socket);
    this.host.events?.connectionClosed?.(connection.kind);
    this.gone();
  }

  private add(socket: Socket, moved?: MovedConnection): void {
    this.connections.add(new Connection(socket, this, moved));
  }

  /** A socket on which TLS is spoken, or was to be. */
  private leave(socket: Socket): void {
    this.sockets.delete(socket);
    if (this.handshakes.delete(socket)) this.failed();
    this.gone();
  }

  private failed(): void {
    this.host.events?.connectionRefused?.('tls');
    this.host.events?.connectionClosed?.('tls');
  }
}

/** Of a transport that nobody has connected to. */
export const noSockets = new SocketTable({ owner: undefined, events: undefined }, () => undefined);
