import { close, open } from 'node:fs';
import { devNull } from 'node:os';

/** How often the process looks whether it can still open a file. */
const intervalMs = 1_000;

const exhausted = new Set(['EMFILE', 'ENFILE']);

/** Told when the process has run out of file descriptors, and when it has some again. */
export interface DescriptorObserver {
  descriptorsChanged(error: Error | undefined): void;
}

/**
 * A process without a free file descriptor accepts connections only to close them, and Node raises
 * no event. So while a server runs, one look a second for the whole process finds out.
 */
class DescriptorWatch {
  private readonly observers = new Set<DescriptorObserver>();
  private timer: NodeJS.Timeout | undefined;
  private isExhausted = false;

  add(observer: DescriptorObserver): void {
    this.observers.add(observer);
    this.timer ??= setInterval(() => this.look(), intervalMs).unref();
  }

  remove(observer: DescriptorObserver): void {
    this.observers.delete(observer);
    if (this.observers.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.isExhausted = false;
  }

  private look(): void {
    open(devNull, 'r', (error, descriptor) => {
      if (!error) close(descriptor, () => undefined);
      const now = error !== null && exhausted.has(error.code ?? '');
      if (now === this.isExhausted) return;
      this.isExhausted = now;
      for (const observer of this.observers) observer.descriptorsChanged(error ?? undefined);
    });
  }
}

export const descriptorWatch = new DescriptorWatch();
