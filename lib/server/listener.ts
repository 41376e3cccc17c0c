import { Server, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BindAddress } from '../config/bind-address.js';
import { UnixSocketFile } from './unix-socket.js';

/** Who a listener belongs to: takes its sockets, and is told when it dies. */
export interface ListenerOwner {
  accept(socket: Socket): void;
  /** The bound socket met an error; the listener is of no use after it. */
  listenerDied(error: Error): void;
}

/** The real address of a listener. */
export type BoundAddress =
  { readonly host: string; readonly port: number } | { readonly path: string };

/** Turns of the event loop without a new connection after which the accept queue is empty. */
const quietTurns = 3;

/**
 * The longest queue (Node listens with a backlog of 511, and the system adds one). A turn of the
 * loop accepts one connection, so after so many every client is served that waited at first; those
 * who never cease to connect must not keep a listener open.
 */
const longestQueue = 512;

/**
 * Owns a bound address: binds, accepts, limits connections, and outlives every transport behind
 * it. It can change hands: it belongs to whoever is its `owner`.
 */
export class Listener {
  private accepted = 0;
  private readonly realPort: number | undefined;

  private constructor(
    private readonly server: BoundServer,
    private readonly asked: BindAddress,
    public owner: ListenerOwner,
    private readonly file: UnixSocketFile | undefined,
  ) {
    this.realPort = asked.ephemeral ? (server.address() as AddressInfo).port : undefined;
    server.listener = this;
    server.on('connection', onConnection).on('error', onError);
    file?.onLost((error) => this.owner.listenerDied(error));
  }

  static async bind(
    bind: BindAddress,
    owner: ListenerOwner,
    maxConnections?: number,
  ): Promise<Listener> {
    // Half-open, as Node's HTTP server is: a client may end its side and still await the answer.
    const server = new BoundServer({ allowHalfOpen: true, noDelay: true });
    const file =
      bind.path === undefined ? undefined : await UnixSocketFile.listen(server, bind.path);
    if (file === undefined) {
      await listen(server, bind);
    }
    const listener = new Listener(server, bind, owner, file);
    listener.limit(maxConnections);
    return listener;
  }

  /** With the port the system chose. */
  get bind(): BindAddress {
    const { asked, realPort } = this;
    return realPort === undefined ? asked : asked.withPort(realPort);
  }

  accept(socket: Socket): void {
    this.accepted += 1;
    this.owner.accept(socket);
  }

  /** Above `maxConnections` Node closes a socket at once; undefined is no limit. */
  limit(maxConnections: number | undefined): void {
    // Node reads `undefined` as no limit, its types do not.
    this.server.maxConnections = maxConnections as number;
  }

  get address(): BoundAddress | undefined {
    const address: AddressInfo | string | null = this.server.address();
    if (address === null) return undefined;
    if (this.file) return { path: this.file.path };
    if (typeof address === 'string') return { path: address };
    return { host: address.address, port: address.port };
  }

  get listening(): boolean {
    return this.server.listening;
  }

  /**
   * Stops listening once the accept queue is empty: closing resets every connection that waits in
   * it, though its client has long been told that it is connected. A listener that changes hands
   * meanwhile stays open, and its queue is not waited for: it is the new owner's.
   *
   * @param hurry Closes at once when it aborts
   */
  async closeGently(hurry?: AbortSignal): Promise<void> {
    const { owner, accepted: before } = this;
    for (let quiet = 0; quiet < quietTurns; quiet += 1) {
      if (hurry?.aborted || this.accepted - before >= longestQueue) break;
      const { accepted } = this;
      await nextTurn();
      if (this.owner !== owner) return;
      if (this.accepted !== accepted) quiet = -1;
    }
    this.close();
  }

  /** Stops listening now; sockets accepted before go on. */
  close(): void {
    if (!this.server.listening) return;
    this.server.close();
    this.file?.remove();
  }
}

/** Its event listeners are the same functions for all: a thousand servers are not four thousand closures. */
class BoundServer extends Server {
  declare listener: Listener;
}

function onConnection(this: BoundServer, socket: Socket): void {
  this.listener.accept(socket);
}

function onError(this: BoundServer, error: Error): void {
  this.listener.owner.listenerDied(error);
}

function listen(server: Server, bind: BindAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(listenOptions(bind), () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function listenOptions(bind: BindAddress): object {
  if (bind.kind === 'fd') return { fd: bind.fd };
  // Without a host Node takes both families where there is IPv6, and IPv4 where there is none.
  return bind.host === '::' ? { port: bind.port } : { host: bind.host, port: bind.port };
}
