import { TransitionQueue } from './transition-queue.js';

/** A queue whose transitions can be told to wait for nothing any more. */
export class InterruptibleQueue extends TransitionQueue {
  /** Of all that was asked for since the last interruption; gone when all is done. */
  private interruption: AbortController | undefined;

  /** Waits for its turn; an interruption from now on reaches it. */
  protected inLine<T>(kind: string, work: (interruption: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = (this.interruption ??= new AbortController());
    return this.run(kind, () => work(signal));
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
