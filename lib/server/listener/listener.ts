import type { AddressInfo, Socket } from 'node:net';
import type { BoundAddress } from '../../config/address/bound-address.js';
import type { BindAddress } from '../../config/address/bind-address.js';
import { workerHost, type ConnectionAdopter } from './worker-host.js';
import { AcceptQueue } from './accept-queue.js';
import type { BoundServer } from './bound-server.js';
import { closeOnceEmpty } from './closing-listeners.js';
import { ListenerStop, type Hurry } from './listener-stop.js';
import { acceptHandle } from './node-accept.js';
import { LeavingListener, whenLeft } from './leaving-listeners.js';
import { listen } from './listen.js';
import { descriptorClosed } from './inherited-descriptor.js';

/** Who a listener belongs to: takes its sockets, and is told when it dies. */
export interface ListenerOwner {
  /** @param facts What another process tells that has accepted it */
  accept(socket: Socket, facts?: object): void;
  /** Whether it takes over a connection of another process. */
  adopts?(facts: object): boolean;
  /** A connection from this port was closed at once, for there were as many as there may be. */
  refused?(port: number | undefined): void;
  /** The bound socket met an error; the listener is of no use after it. */
  listenerDied(error: Error, listener: Listener): void;
}

/** How an address is bound. */
export interface BindOptions {
  readonly maxConnections?: number | undefined;
  /** Of the server, by which a worker finds the port that the system chose for it. */
  readonly name?: string;
  /** Gives up waiting for an address that is about to be left. */
  readonly unlessGivenUp?: <T>(work: Promise<T>) => Promise<T>;
}

/**
 * Owns a bound address: binds, accepts, limits connections, and outlives every transport behind
 * it. It can change hands: it belongs to whoever is its `owner`.
 */
export class Listener implements ConnectionAdopter {
  /** Why it is of no use any more; for an owner that takes it over later, and was not told. */
  died: Error | undefined;
  /** There only while it stops. */
  private queue: AcceptQueue | undefined;
  private readonly leaveHost: (() => void) | undefined;
  /** While one is taken over from another process. */
  private adopted: object | undefined;
  /** There only while its server stops. */
  private leaving: LeavingListener | undefined;
  /** Known when it was asked for: each time is a call of the system. */
  private knownAddress: BoundAddress | undefined;
  private knownBind: BindAddress | undefined;

  private constructor(
    private readonly server: BoundServer,
    private readonly asked: BindAddress,
    private currentOwner: ListenerOwner,
    maxConnections: number | undefined,
  ) {
    server.serve(this);
    server.limit(maxConnections);
    server.file?.onLost((error) => this.die(error));
    this.leaveHost = workerHost()?.addAdopter?.(this);
  }

  /** An address that a server of this process is about to leave is waited for. */
  static bind(
    bind: BindAddress,
    owner: ListenerOwner,
    options: BindOptions = {},
  ): Promise<Listener> {
    return listen(bind, options.name).then(
      (server) => new Listener(server, bind, owner, options.maxConnections),
      async (error: NodeJS.ErrnoException) => {
        const left = error.code === 'EADDRINUSE' ? whenLeft(bind) : undefined;
        if (left === undefined) throw error;
        await (options.unlessGivenUp?.(left) ?? left);
        return Listener.bind(bind, owner, options);
      },
    );
  }

  accept(socket: Socket): void {
    const { adopted } = this;
    this.adopted = undefined;
    if (this.queue?.hold(socket) !== true) this.owner.accept(socket, adopted);
  }

  /** Within the limit of connections. */
  adopt(handle: object, facts: object): boolean {
    if (!this.listening || this.queue || this.owner.adopts?.(facts) !== true) return false;
    this.adopted = facts;
    acceptHandle(this.server, handle);
    // Nobody has accepted it, where there are as many as there may be.
    const isTaken = this.adopted === undefined;
    this.adopted = undefined;
    return isTaken;
  }

  refused(port: number | undefined): void {
    // The other process serves it on.
    if (this.adopted === undefined) this.owner.refused?.(port);
  }

  /** It belongs to another owner, and so do the sockets that it accepts from now on. */
  handTo(owner: ListenerOwner): void {
    if (this.currentOwner !== owner) this.endLeaving();
    this.currentOwner = owner;
  }

  /** Its server stops, or is about to: who wants the address waits until it is closed. */
  beginLeaving(): void {
    if (this.listening) this.leaving ??= new LeavingListener(this);
  }

  /** It stays. */
  endLeaving(): void {
    this.leaving?.leave();
    this.leaving = undefined;
  }

  get owner(): ListenerOwner {
    return this.currentOwner;
  }

  /** Above `maxConnections` Node closes a socket at once; undefined is no limit. */
  limit(maxConnections: number | undefined): void {
    this.server.limit(maxConnections);
  }

  /** Of one on port 0 with the port the system chose, if it was asked for while it was bound. */
  get bind(): BindAddress {
    if (this.knownBind) return this.knownBind;
    const { asked, address } = this;
    if (!asked.ephemeral || address === undefined || !('port' in address)) return asked;
    this.knownBind = asked.withPort(address.port);
    return this.knownBind;
  }

  get address(): BoundAddress | undefined {
    if (!this.listening) return undefined;
    this.knownAddress ??= addressOf(this.server);
    return this.knownAddress;
  }

  get listening(): boolean {
    return this.server.listening;
  }

  /**
   * Stops listening once the accept queue is empty. A listener that changes hands meanwhile stays
   * open, and its queue is not waited for: it is the new owner's.
   *
   * @param hurry Asked after each turn of the event loop: whether to close at once
   */
  stop(hurry?: Hurry): Promise<void> {
    return new Promise((resolve, reject) => {
      const queue = (this.queue ??= new AcceptQueue(this.server));
      closeOnceEmpty(new ListenerStop(this, { queue, hurry, resolve, reject }));
    });
  }

  /** Its queue holds no connection back any more. */
  forgetQueue(): void {
    this.queue = undefined;
  }

  /** Tells its owner, and whoever becomes it later. */
  die(error: Error): void {
    this.died = error;
    this.leaveHost?.();
    this.owner.listenerDied(error, this);
  }

  /** Stops listening now; sockets accepted before go on. */
  close(): void {
    const { server } = this;
    if (!server.listening) return;
    try {
      server.close();
      if (server.fd !== undefined) descriptorClosed(server.fd);
      server.file?.remove();
    } finally {
      this.leaveHost?.();
      this.endLeaving();
    }
  }
}

function addressOf(server: BoundServer): BoundAddress {
  if (server.file) return { path: server.file.path };
  const address = server.address() as AddressInfo | string;
  if (typeof address === 'string') return { path: address };
  return { host: address.address, port: address.port };
}
