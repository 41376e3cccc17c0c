import type { InnerServer } from './inner-server.js';

/** The events by which Node gives away a socket. */
export type TakeOverEvent = 'upgrade' | 'connect';

export type ForeignListener = (...args: unknown[]) => void;

/** A listener, and whether it goes with its first call. */
interface Added {
  readonly listener: ForeignListener;
  readonly once: boolean;
}

const ours = new WeakSet<object>();

/** Listeners of this package are no foreign ones. */
export function areOurs(...listeners: object[]): void {
  for (const listener of listeners) ours.add(listener);
}

export function isForeign(listener: object): boolean {
  return !ours.has(listener);
}

/**
 * The listeners for taken-over sockets that middleware adds to `request.socket.server` (a proxy of
 * WebSockets does so with its first request). That server is replaced by a swap, of which middleware
 * knows nothing: what it added to one is on all of them, and on those to come, in the same order.
 */
export class ForeignListeners {
  private readonly added: Record<TakeOverEvent, readonly Added[]> = { upgrade: [], connect: [] };
  /** Where one comes that can't be read yet: Node tells of it before it is there. */
  private coming: { inner: InnerServer; event: TakeOverEvent } | undefined;
  private isCopying = false;

  /** @param servers Those that all have them, as of now */
  constructor(private readonly servers: () => Iterable<InnerServer>) {}

  has(event: TakeOverEvent): boolean {
    return this.coming?.event === event || this.added[event].length > 0;
  }

  /** Gives them to a server that is new. */
  copyTo(inner: InnerServer): void {
    this.readComing();
    this.copy(() => {
      this.give(inner, 'upgrade');
      this.give(inner, 'connect');
    });
  }

  /** One of the servers is about to get a listener. */
  adding(inner: InnerServer, event: TakeOverEvent): void {
    if (this.isCopying) return;
    this.readComing();
    this.coming = { inner, event };
    queueMicrotask(() => this.readComing());
  }

  removed(inner: InnerServer, event: TakeOverEvent): void {
    if (this.isCopying) return;
    this.readComing();
    this.takeFrom(inner, event);
  }

  private readComing(): void {
    const { coming } = this;
    this.coming = undefined;
    if (coming) this.takeFrom(coming.inner, coming.event);
  }

  /** Whether one goes with its first call, and where it stands, is not told with it: it is read. */
  private takeFrom(inner: InnerServer, event: TakeOverEvent): void {
    this.added[event] = foreignOf(inner, event).map((raw) => {
      const { listener } = raw as { listener?: ForeignListener };
      return { listener: listener ?? raw, once: listener !== undefined };
    });
    this.copy(() => {
      for (const other of this.servers()) if (other !== inner) this.give(other, event);
    });
  }

  private give(inner: InnerServer, event: TakeOverEvent): void {
    for (const raw of foreignOf(inner, event)) inner.off(event, raw);
    for (const { listener, once } of this.added[event]) {
      if (once) inner.once(event, listener);
      else inner.on(event, listener);
    }
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

function foreignOf(inner: InnerServer, event: TakeOverEvent): ForeignListener[] {
  return (inner.rawListeners(event) as ForeignListener[]).filter(isForeign);
}
