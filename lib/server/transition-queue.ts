/**
 * Runs the transitions of one server one after the other, so that calls made at once have one
 * defined outcome. A call of the kind that was queued last joins it and shares its promise.
 */
export class TransitionQueue {
  private tail: Promise<unknown> = Promise.resolve();
  private newest: { kind: string; promise: Promise<unknown> } | undefined;
  private waiting = 0;

  /** True while a transition runs or waits. */
  get busy(): boolean {
    return this.waiting > 0;
  }

  /** The pending call of this kind that nothing was queued behind. */
  pending<T>(kind: string): Promise<T> | undefined {
    return this.newest?.kind === kind ? (this.newest.promise as Promise<T>) : undefined;
  }

  /** Runs at once when nothing is under way, so that the state changes within the caller's turn. */
  run<T>(kind: string, transition: () => Promise<T>): Promise<T> {
    const promise = this.busy ? this.tail.then(transition) : transition();
    const entry = { kind, promise };
    this.waiting += 1;
    this.newest = entry;
    this.tail = promise.then(
      () => this.settle(entry),
      () => this.settle(entry),
    );
    return promise;
  }

  private settle(entry: { kind: string }): void {
    this.waiting -= 1;
    if (this.newest === entry) this.newest = undefined;
  }
}
