/**
 * An `AbortController` that is made when somebody asks for its signal: one costs as much as the stop or
 * the start of a server, and most are never listened to.
 */
export class LazyAbort {
  private controller: AbortController | undefined;
  private isAborted = false;

  get aborted(): boolean {
    return this.isAborted;
  }

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.isAborted) this.controller.abort();
    return this.controller.signal;
  }

  abort(): void {
    this.isAborted = true;
    this.controller?.abort();
  }

  /** Whether work was rejected because this aborted, and not by a fault of its own. */
  isReason(cause: unknown): boolean {
    return this.isAborted && cause === this.signal.reason;
  }
}
