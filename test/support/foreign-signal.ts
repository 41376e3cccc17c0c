/** A signal as another realm has it, or a library: it works, and is no instance of ours. */
export class ForeignSignal extends EventTarget {
  aborted = false;
  reason: unknown;

  static make(): ForeignSignal & AbortSignal {
    return new ForeignSignal() as ForeignSignal & AbortSignal;
  }

  abort(reason?: unknown): void {
    Object.assign(this, { aborted: true, reason });
    this.dispatchEvent(new Event('abort'));
  }
}
