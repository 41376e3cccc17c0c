/** How often it is measured: short against any delay that a user would notice. */
const intervalMs = 20;

/**
 * How late the event loop is, measured by one timer of the process while somebody wants to know. It
 * keeps no process alive.
 */
class EventLoopDelay {
  private users = 0;
  private timer: NodeJS.Timeout | undefined;
  private dueAt = 0;
  private lastMs = 0;

  /** Measures from now on, until the returned function is called. */
  use(): () => void {
    this.users += 1;
    if (this.users === 1) this.start();
    let isUsed = true;
    return () => {
      if (!isUsed) return;
      isUsed = false;
      this.users -= 1;
      if (this.users === 0) this.stop();
    };
  }

  /** In ms: of the last turn that was measured, or of the one under way if that is more. */
  get ms(): number {
    return this.timer === undefined ? 0 : Math.max(this.lastMs, performance.now() - this.dueAt);
  }

  private start(): void {
    this.lastMs = 0;
    this.dueAt = performance.now() + intervalMs;
    this.timer = setInterval(() => {
      const now = performance.now();
      this.lastMs = Math.max(0, now - this.dueAt);
      this.dueAt = now + intervalMs;
    }, intervalMs).unref();
  }

  private stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

export const eventLoopDelay = new EventLoopDelay();
