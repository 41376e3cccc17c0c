import { TransitionQueue } from './transition-queue.js';

/**
 * An abort that hardly ever comes: the signal is made when somebody asks for it, for a thousand
 * servers that start are a thousand signals nobody listens to.
 */
export class Interruption {
  aborted = false;
  private controller: AbortController | undefined;

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.aborted) this.controller.abort();
    return this.controller.signal;
  }

  abort(): void {
    this.aborted = true;
    this.controller?.abort();
  }

  /** Whether work was rejected because of this abort, and not by a fault of its own. */
  isReason(error: unknown): boolean {
    return this.aborted && error === this.signal.reason;
  }

  /** Returns what takes the listener away again. */
  onAbort(listener: () => void): () => void {
    const { signal } = this;
    if (signal.aborted) listener();
    signal.addEventListener('abort', listener, { once: true });
    return () => signal.removeEventListener('abort', listener);
  }
}

/** A queue whose transitions can be told to wait for nothing any more. */
export class InterruptibleQueue extends TransitionQueue {
  /** Of all that was asked for since the last interruption; gone when all is done. */
  private interruption: Interruption | undefined;

  /** Waits for its turn; an interruption from now on reaches it. */
  protected inLine<T>(kind: string, work: (interruption: Interruption) => Promise<T>): Promise<T> {
    const interruption = this.interruptible();
    return this.run(kind, () => work(interruption));
  }

  protected interruptible(): Interruption {
    this.interruption ??= new Interruption();
    return this.interruption;
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
