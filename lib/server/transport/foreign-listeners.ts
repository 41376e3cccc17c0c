import type { InnerServer } from './inner-server.js';

/** The events by which Node gives away a socket. */
export type TakeOverEvent = 'upgrade' | 'connect';

export type ForeignListener = (...args: unknown[]) => void;

const none: readonly never[] = [];

/**
 * The listeners for taken-over sockets that middleware adds to `request.socket.server` (a proxy of
 * WebSockets does so with its first request). That server is replaced by a swap, of which middleware
 * knows nothing: what it added to one is on all of them, and on those to come.
 */
export class ForeignListeners {
  private upgrade: readonly ForeignListener[] = none;
  private connect: readonly ForeignListener[] = none;
  private inners: readonly InnerServer[] = none;
  private isCopying = false;

  has(event: TakeOverEvent): boolean {
    return this[event].length > 0;
  }

  /** The servers that all have them. */
  get servers(): readonly InnerServer[] {
    return this.inners;
  }

  join(inner: InnerServer): void {
    this.inners = [...this.inners, inner];
    this.copy(() => {
      for (const listener of this.upgrade) inner.on('upgrade', listener);
      for (const listener of this.connect) inner.on('connect', listener);
    });
  }

  /** Of a server that is closed. */
  leave(inner: InnerServer): void {
    this.inners = this.inners.filter((each) => each !== inner);
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
      for (const other of this.inners) if (other !== inner) change(other);
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
