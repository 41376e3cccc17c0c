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
}
