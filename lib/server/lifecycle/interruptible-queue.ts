import { LazyAbort } from '../drain/lazy-abort.js';
import { TransitionQueue } from './transition-queue.js';

/** A queue whose transitions can be told to wait for nothing any more. */
export class InterruptibleQueue extends TransitionQueue {
  /** Of all that was asked for since the last interruption; gone when all is done. */
  private interruption: LazyAbort | undefined;

  /** Waits for its turn; an interruption from now on reaches it. */
  protected inLine<T>(kind: string, work: (interruption: LazyAbort) => Promise<T>): Promise<T> {
    const interruption = (this.interruption ??= new LazyAbort());
    return this.run(kind, () => work(interruption));
  }

  /** Reaches all that was asked for so far, and nothing after it. */
  protected interrupt(): void {
    this.interruption?.abort();
    this.interruption = undefined;
  }

  protected override idle(): void {
    this.interruption = undefined;
  }
}
