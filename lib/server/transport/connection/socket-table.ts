import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { showAsIts } from '../../../proxy-protocol/accept-proxied.js';
import type { MovedConnection } from './moved-connection.js';
import { Connection, type ConnectionTable } from './connection.js';
import { acceptedSocketOf } from '../node/node-tls.js';
import type { ServerEvents } from '../events/server-events.js';

/** Whom sockets are accepted for. */
export interface SocketHost {
  /** Told to every connection, so that a request finds the server that accepted it. */
  readonly owner: unknown;
  /** Those who watch the server, as of now; undefined: nobody does. */
  readonly events: ServerEvents | undefined;
}

/** Whose sockets they are. */
interface SocketOwner {
  readonly host: SocketHost;
  readonly secure: boolean;
  readonly drain: { gone(): void } | undefined;
}

/** Without TLS there are none. */
const noneOfTls: ReadonlySet<Socket> = new Set();

/** The sockets that were handed to a transport, and the connections that they came to be. */
export class SocketTable implements ConnectionTable {
  readonly connections = new Set<Connection>();
  /** Every socket beneath TLS, and those of them that are in their handshake. */
  private readonly tls: { readonly all: Set<Socket>; readonly handshakes: Set<Socket> } | undefined;

  constructor(private readonly transport: SocketOwner) {
    if (transport.secure) this.tls = { all: new Set(), handshakes: new Set() };
  }

  /** The server that has accepted them. */
  get owner(): unknown {
    return this.transport.host.owner;
  }

  /** How many sockets are open. */
  get size(): number {
    return this.tls?.all.size ?? this.connections.size;
  }

  get tlsSockets(): ReadonlySet<Socket> {
    return this.tls?.all ?? noneOfTls;
  }

  get handshakes(): ReadonlySet<Socket> {
    return this.tls?.handshakes ?? noneOfTls;
  }

  accept(socket: Socket, moved?: MovedConnection): void {
    if (this.tls === undefined) {
      this.add(socket, moved);
    } else {
      this.tls.all.add(socket);
      this.tls.handshakes.add(socket);
      socket.on('close', () => this.leave(socket));
    }
    this.events?.connectionAccepted?.(this.tls ? 'tls' : 'http1');
  }

  /** Destroys a socket whose first bytes are not those that it needs. */
  refuse(socket: Socket): void {
    this.events?.connectionRefused?.('proxy_header');
    // Its handshake has not begun, and has not failed.
    if (this.tls?.handshakes.delete(socket)) this.events?.connectionClosed?.('tls');
    socket.destroy();
  }

  /** The handshake is done. */
  secured(socket: TLSSocket): void {
    const accepted = acceptedSocketOf(socket);
    if (accepted) {
      this.tls?.handshakes.delete(accepted);
      showAsIts(accepted, socket);
    }
    this.add(socket);
    if (socket.alpnProtocol !== 'h2') socket.allowHalfOpen = true;
    this.events?.connectionKindChanged?.('http1', 'tls');
  }

  closed(connection: Connection): void {
    if (!this.connections.delete(connection)) return;
    this.events?.connectionClosed?.(connection.kind);
    this.transport.drain?.gone();
  }

  private add(socket: Socket, moved?: MovedConnection): void {
    this.connections.add(new Connection(socket, this, moved));
  }

  /** A socket on which TLS is spoken, or was to be. */
  private leave(socket: Socket): void {
    this.tls?.all.delete(socket);
    if (this.tls?.handshakes.delete(socket)) this.failed();
    this.transport.drain?.gone();
  }

  private get events(): ServerEvents | undefined {
    return this.transport.host.events;
  }

  private failed(): void {
    this.events?.connectionRefused?.('tls');
    this.events?.connectionClosed?.('tls');
  }
}

/**
 * Of a transport that nobody has connected to: a table of its own would be 200 bytes more of the 2 KiB of heap
 * that a server takes which nobody has used (`npm run bench -- memory`), and without one each reader of a table would have to look first whether it is there.
 */
export const noSockets = new SocketTable({
  host: { owner: undefined, events: undefined },
  secure: false,
  drain: undefined,
});
