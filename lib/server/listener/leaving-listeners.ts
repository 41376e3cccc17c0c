import type { BindAddress } from '../../config/address/bind-address.js';

const leaving = new Set<LeavingListener>();

/** A listener of this process whose server stops. */
export class LeavingListener {
  /** Made when somebody waits for it. */
  private waiting: { readonly left: Promise<void>; readonly leave: () => void } | undefined;

  constructor(private readonly listener: { readonly bind: BindAddress }) {
    leaving.add(this);
  }

  isInTheWayOf(bind: BindAddress): boolean {
    return this.listener.bind.overlaps(bind);
  }

  /** Resolves when it has closed, or belongs to somebody who stays. */
  get left(): Promise<void> {
    if (this.waiting === undefined) {
      let leave: () => void = () => undefined;
      const left = new Promise<void>((resolve) => (leave = resolve));
      this.waiting = { left, leave };
    }
    return this.waiting.left;
  }

  leave(): void {
    leaving.delete(this);
    this.waiting?.leave();
  }
}

/**
 * Resolves when the listeners that are about to leave an address have left it; undefined when there are
 * none. Who restarts an application within its process, as hot module replacement does, starts the
 * next servers while the former ones still drain.
 */
export function whenLeft(bind: BindAddress): Promise<unknown> | undefined {
  const inTheWay = [...leaving].filter((each) => each.isInTheWayOf(bind));
  return inTheWay.length > 0 ? Promise.all(inTheWay.map(({ left }) => left)) : undefined;
}
