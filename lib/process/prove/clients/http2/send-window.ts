/** How much may be sent: on the connection and on each stream. */
export class SendWindow {
  private readonly waiting = new Set<() => void>();

  constructor(private bytes: number) {}

  add(bytes: number): void {
    this.bytes += bytes;
    for (const wake of this.waiting) wake();
  }

  take(bytes: number): boolean {
    if (this.bytes < bytes) return false;
    this.bytes -= bytes;
    return true;
  }

  /** Resolves at the next change. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiting.delete(wake);
        resolve();
      };
      this.waiting.add(wake);
    });
  }
}
