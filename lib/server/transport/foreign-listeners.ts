import type { InnerServer } from './inner-server.js';

/** The events by which Node gives away a socket. */
export type TakeOverEvent = 'upgrade' | 'connect';

type Listener = (...args: unknown[]) => void;

/** A server of Node's, and what its transport adds to it by itself. */
interface Watched {
  readonly inner: InnerServer;
  isOwn(listener: unknown): boolean;
  /** The first foreign listener came, or the last one went. */
  changed(): void;
}

/**
 * The listeners for taken-over sockets that middleware adds to `request.socket.server` (a proxy of
 * WebSockets does so with its first request). That server is replaced by a swap, of which middleware
 * knows nothing: what it added to one is on all of them, and on those to come.
 */
export class ForeignListeners {
  private readonly found = new Map<TakeOverEvent, Listener[]>();
  private readonly watched = new Set<Watched>();
  private isCopying = false;

  has(event: TakeOverEvent): boolean {
    return (this.found.get(event)?.length ?? 0) > 0;
  }

  /** @returns ends it, for a server that is closed */
  watch(watched: Watched): () => void {
    const { inner } = watched;
    this.watched.add(watched);
    this.copy(() => {
      for (const [event, listeners] of this.found) {
        for (const listener of listeners) inner.on(event, listener);
      }
    });
    const added = (event: string | symbol, listener: Listener): void => {
      if (this.isCopying || !isTakeOver(event) || watched.isOwn(listener)) return;
      this.found.set(event, [...(this.found.get(event) ?? []), listener]);
      this.forOthers(watched, (other) => other.on(event, listener));
    };
    const removed = (event: string | symbol, listener: Listener): void => {
      if (this.isCopying || !isTakeOver(event) || watched.isOwn(listener)) return;
      const left = (this.found.get(event) ?? []).filter((each) => each !== listener);
      this.found.set(event, left);
      this.forOthers(watched, (other) => other.off(event, listener));
    };
    inner.on('newListener', added as never).on('removeListener', removed as never);
    return () => {
      this.watched.delete(watched);
      inner.off('newListener', added as never).off('removeListener', removed as never);
    };
  }

  private forOthers({ inner }: Watched, change: (inner: InnerServer) => unknown): void {
    this.copy(() => {
      for (const other of this.watched) if (other.inner !== inner) change(other.inner);
    });
    for (const each of this.watched) each.changed();
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

function isTakeOver(event: string | symbol): event is TakeOverEvent {
  return event === 'upgrade' || event === 'connect';
}
