import { Server, type AddressInfo, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BoundAddress } from '../../config/address/bound-address.js';
import type { BindAddress } from '../../config/address/bind-address.js';
import { UnixSocketFile } from './unix-socket.js';

/** Who a listener belongs to: takes its sockets, and is told when it dies. */
export interface ListenerOwner {
  accept(socket: Socket): void;
  /** The bound socket met an error; the listener is of no use after it. */
  listenerDied(error: Error): void;
}

/** Turns of the event loop without a new connection after which the accept queue is empty. */
const quietTurns = 3;

/**
 * A turn that took longer does not count: while the process worked, or had to leave the processor to
 * others, connections may have come that it has not looked for yet.
 */
const longestQuietTurnMs = 1;

/**
 * So long at most a closing listener lets those wait whom it accepts, and takes a turn that was long
 * for a reason to look again: where there is no end of it, it goes on without.
 */
const longestHoldMs = 100;

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
  /** Why it is of no use any more; for an owner that takes it over later, and was not told. */
  died: Error | undefined;
  private accepted = 0;
  /** Accepted while it closes, and there only then. */
  private held: Socket[] | undefined;
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
    file?.onLost((error) => this.die(error));
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
    if (this.held) this.held.push(socket);
    else this.owner.accept(socket);
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
   * Who is accepted meanwhile is served after it: a crowd of clients who are answered, and told to
   * connect again, would never leave the queue empty.
   *
   * @param hurry Closes at once when it aborts
   */
  async closeGently(hurry?: AbortSignal): Promise<void> {
    const { owner } = this;
    this.held ??= [];
    this.server.pauseOnConnect = true;
    try {
      await this.emptyQueue(() => hurry?.aborted === true || this.owner !== owner);
      if (this.owner === owner) this.close();
    } finally {
      this.release();
    }
  }

  /** Tells its owner, and whoever becomes it later. */
  die(error: Error): void {
    this.died = error;
    this.owner.listenerDied(error);
  }

  private async emptyQueue(isOver: () => boolean): Promise<void> {
    const { accepted: before } = this;
    const latest = performance.now() + longestHoldMs;
    for (let quiet = 0; quiet < quietTurns && !isOver(); quiet += 1) {
      const { accepted } = this;
      if (accepted - before >= longestQueue) return;
      const began = performance.now();
      await nextTurn();
      const now = performance.now();
      const wasBusy = now - began > longestQuietTurnMs && now < latest;
      if (now >= latest) this.release();
      if (wasBusy || this.accepted !== accepted) quiet = -1;
    }
  }

  private release(): void {
    this.server.pauseOnConnect = false;
    const { held = [] } = this;
    this.held = undefined;
    for (const socket of held) {
      this.owner.accept(socket);
      socket.resume();
    }
  }

  /** Stops listening now; sockets accepted before go on. */
  close(): void {
    if (!this.server.listening) return;
    this.server.close();
    this.file?.remove();
  }
}

/** With event listeners that are the same functions for all, and not two closures for each. */
class BoundServer extends Server {
  declare listener: Listener;
  /**
   * Node reads it anew for each connection. A socket whose bytes, or whose end, were read before
   * there is a TLS socket on it would wait for its handshake for ever.
   */
  declare pauseOnConnect: boolean;
}

function onConnection(this: BoundServer, socket: Socket): void {
  this.listener.accept(socket);
}

function onError(this: BoundServer, error: Error): void {
  this.listener.die(error);
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
