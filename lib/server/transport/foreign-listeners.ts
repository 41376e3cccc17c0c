import type { InnerServer } from './inner-server.js';

/** The events by which Node gives away a socket. */
export type TakeOverEvent = 'upgrade' | 'connect';

export type ForeignListener = (...args: unknown[]) => void;

const none: readonly ForeignListener[] = [];

/**
 * The listeners for taken-over sockets that middleware adds to `request.socket.server` (a proxy of
 * WebSockets does so with its first request). That server is replaced by a swap, of which middleware
 * knows nothing: what it added to one is on all of them, and on those to come.
 */
export class ForeignListeners {
  private upgrade = none;
  private connect = none;
  private isCopying = false;

  /** @param servers Those that all have them, as of now */
  constructor(private readonly servers: () => Iterable<InnerServer>) {}

  has(event: TakeOverEvent): boolean {
    return this[event].length > 0;
  }

  /** Gives them to a server that is new. */
  copyTo(inner: InnerServer): void {
    this.copy(() => {
      for (const listener of this.upgrade) inner.on('upgrade', listener);
      for (const listener of this.connect) inner.on('connect', listener);
    });
  }

  /** One of the servers has got a listener. */
  added(inner: InnerServer, event: TakeOverEvent, listener: ForeignListener): void {
    if (this.isCopying) return;
    this[event] = [...this[event], listener];
    this.forOthers(inner, (other) => other.on(event, listener));
  }

  removed(inner: InnerServer, event: TakeOverEvent, listener: ForeignListener): void {
    if (this.isCopying) return;
    this[event] = this[event].filter((each) => each !== listener);
    this.forOthers(inner, (other) => other.off(event, listener));
  }

  private forOthers(inner: InnerServer, change: (other: InnerServer) => unknown): void {
    this.copy(() => {
      for (const other of this.servers()) if (other !== inner) change(other);
    });
  }

  private copy(change: () => void): void {
    this.isCopying = true;
    try {
      change();
    } finally {
      this.isCopying = false;
    }
  }
}
