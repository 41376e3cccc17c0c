import { beginInTurn } from './turn-share.js';

/** One call, from the moment it is made until it is done. */
interface Pending {
  readonly kind: string;
  /** Undefined only while the call is put in line. */
  promise: Promise<unknown> | undefined;
  /** Begins the call that was made after it. */
  next: (() => void) | undefined;
}

/**
 * Runs the transitions of one server one after the other, so that calls made at once have one
 * defined outcome. A call of the kind that was queued last joins it and shares its promise.
 */
export class TransitionQueue {
  /** When it is done, all that came before it is. */
  private newest: Pending | undefined;

  /** @param inTurn Begins what is next: at once, or in a later turn where many begin in this one */
  constructor(private readonly inTurn: (begin: () => void) => void = beginInTurn) {}

  /** True while a transition runs or waits. */
  get busy(): boolean {
    return this.newest !== undefined;
  }

  /** The pending call of this kind that nothing was queued behind. */
  pending<T>(kind: string): Promise<T> | undefined {
    return this.newest?.kind === kind ? (this.newest.promise as Promise<T>) : undefined;
  }

  /**
   * Runs at once when nothing is under way, so that the state changes within the caller's turn, unless
   * many servers are asked for something in one turn. It is in the queue before it runs: what it calls
   * itself, by a function of the user's say, comes after.
   */
  run<T>(kind: string, transition: () => Promise<T>): Promise<T> {
    const before = this.newest;
    const pending: Pending = { kind, promise: undefined, next: undefined };
    this.newest = pending;
    let begin: () => void = () => undefined;
    const promise = new Promise<T>((resolve, reject) => {
      const succeed = (result: T): void => {
        resolve(result);
        this.settle(pending);
      };
      const fail = (error: unknown): void => {
        // Who does not await it learns of it from the state and the log, and his process goes on.
        promise.catch(() => undefined);
        reject(error as Error);
        this.settle(pending);
      };
      begin = () => {
        try {
          transition().then(succeed, fail);
        } catch (error) {
          fail(error);
        }
      };
    });
    pending.promise = promise;
    if (before) before.next = begin;
    else this.inTurn(begin);
    return promise;
  }

  /** Called when nothing is left to be done. */
  protected idle(): void {
    // Nothing, unless a class that is a queue has something to tidy up.
  }

  /**
   * The next call is queued when the promise of this one has settled. So it begins after the code that
   * awaited this one, which finds the state that this one has left.
   */
  private settle(pending: Pending): void {
    const { next } = pending;
    if (next) queueMicrotask(() => this.inTurn(next));
    if (this.newest !== pending) return;
    this.newest = undefined;
    this.idle();
  }
}
