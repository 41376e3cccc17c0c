import type { BindAddress } from '../../config/address/bind-address.js';

/** A listener of this process whose server stops. */
export interface Leaving {
  readonly bind: BindAddress;
  /** Resolves when it has closed, or belongs to somebody who stays. */
  readonly left: Promise<void>;
}

const leaving = new Set<Leaving>();

/** Returns what says that it has left. */
export function announceLeaving(bind: BindAddress): () => void {
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const entry = { bind, left };
  leaving.add(entry);
  return () => {
    leaving.delete(entry);
    leave();
  };
}

/**
 * Resolves when the listeners that are about to leave an address have left it; undefined when there are
 * none. Who restarts an application within its process, as hot module replacement does, starts the
 * next servers while the former ones still drain.
 */
export function whenLeft(bind: BindAddress): Promise<unknown> | undefined {
  const inTheWay = [...leaving].filter((each) => each.bind.overlaps(bind));
  return inTheWay.length > 0 ? Promise.all(inTheWay.map(({ left }) => left)) : undefined;
}
