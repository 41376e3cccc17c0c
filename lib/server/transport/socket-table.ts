import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { showAsIts } from '../../proxy-protocol/accept-proxied.js';
import type { MovedConnection } from './moved-connection.js';
import { Connection } from './connection.js';
import { answerHalfOpen } from './half-open.js';
import { acceptedSocketOf } from './node-tls.js';
import type { ServerEvents } from './server-events.js';

/** Whom sockets are accepted for. */
export interface SocketHost {
  /** Told to every connection, so that a request finds the server that accepted it. */
  readonly owner: unknown;
  /** Those who watch the server, as of now; undefined: nobody does. */
  readonly events: ServerEvents | undefined;
}

/** The sockets that were handed to a transport, and the connections that they came to be. */
export class SocketTable {
  readonly sockets = new Set<Socket>();
  readonly handshakes = new Set<Socket>();
  readonly connections = new Set<Connection>();

  /** @param gone Called when a socket or a connection is gone */
  constructor(
    private readonly host: SocketHost,
    private readonly gone: () => void,
  ) {}

  accept(socket: Socket, kind: 'tls' | 'http1', moved?: MovedConnection): void {
    this.sockets.add(socket);
    const connection = kind === 'tls' ? undefined : this.add(socket, moved);
    if (kind === 'tls') this.handshakes.add(socket);
    else if (socket.allowHalfOpen) answerHalfOpen(socket);
    this.host.events?.connectionAccepted?.(kind);
    // One listener, and not `once`, which makes two functions more: this is done for each connection.
    socket.on('close', () => {
      this.sockets.delete(socket);
      if (connection) this.remove(connection);
      else if (this.handshakes.delete(socket)) this.failed();
      this.gone();
    });
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
    const connection = this.add(socket);
    if (socket.alpnProtocol !== 'h2') {
      socket.allowHalfOpen = true;
      answerHalfOpen(socket);
    }
    this.host.events?.connectionKindChanged?.('http1', 'tls');
    socket.on('close', () => {
      this.remove(connection);
      this.gone();
    });
  }

  private add(socket: Socket, moved?: MovedConnection): Connection {
    const connection = new Connection(socket, this.host.owner, moved);
    this.connections.add(connection);
    return connection;
  }

  private remove(connection: Connection): void {
    this.connections.delete(connection);
    connection.gone();
    this.host.events?.connectionClosed?.(connection.kind);
  }

  private failed(): void {
    this.host.events?.connectionRefused?.('tls');
    this.host.events?.connectionClosed?.('tls');
  }
}

/** Of a transport that nobody has connected to. */
export const noSockets = new SocketTable({ owner: undefined, events: undefined }, () => undefined);
