import { beginInTurn } from './turn-share.js';

/** One call, from the moment it is made until it is done. */
interface Pending {
  readonly kind: string;
  readonly promise: Promise<unknown>;
  /** Resolves when the call is done, however it ended. */
  readonly settled: Promise<void>;
}

/**
 * Runs the transitions of one server one after the other, so that calls made at once have one
 * defined outcome. A call of the kind that was queued last joins it and shares its promise.
 */
export class TransitionQueue {
  /** When it is done, all that came before it is. */
  private newest: Pending | undefined;

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
   * many servers are asked for something in one turn. It is
   * in the queue before it runs: what it calls itself, by a function of the user's say, comes after.
   */
  run<T>(kind: string, transition: () => Promise<T>): Promise<T> {
    let begin: () => void = () => undefined;
    const promise = new Promise<T>((resolve, reject) => {
      begin = () => {
        try {
          transition().then(resolve, reject);
        } catch (error) {
          reject(error as Error);
        }
      };
    });
    const before = this.newest?.settled;
    const settle = (): void => {
      if (this.newest?.promise !== promise) return;
      this.newest = undefined;
      this.idle();
    };
    this.newest = { kind, promise, settled: promise.then(settle, settle) };
    if (before) void before.then(() => beginInTurn(begin));
    else beginInTurn(begin);
    return promise;
  }

  /** Called when nothing is left to be done. */
  protected idle(): void {
    // Nothing, unless a class that is a queue has something to tidy up.
  }
}
