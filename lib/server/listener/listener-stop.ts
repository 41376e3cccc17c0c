import type { AcceptQueue, SocketTaker } from './accept-queue.js';
import type { ClosingListener } from './closing-listeners.js';
import { workerHost } from './worker-host.js';

/** Tells when there is no time left to wait for an accept queue. */
export interface Hurry {
  isOver(now: number): boolean;
}

/** What a stop needs of its listener. */
interface StoppedListener {
  readonly owner: SocketTaker;
  close(): void;
  /** Its queue holds no connection back any more. */
  forgetQueue(): void;
}

interface StopOptions {
  readonly queue: AcceptQueue;
  readonly hurry: Hurry | undefined;
  resolve(): void;
  reject(error: unknown): void;
}

/** One stop of a listener, while the loop looks at its queue. */
export class ListenerStop implements ClosingListener {
  private readonly owner: SocketTaker;

  constructor(
    private readonly listener: StoppedListener,
    private readonly options: StopOptions,
  ) {
    this.owner = listener.owner;
  }

  get queue(): AcceptQueue {
    return this.options.queue;
  }

  isOver(now: number): boolean {
    // The queue of a socket that is shared is served by the others.
    const isServedByOthers = workerHost()?.servesOn === true;
    const isHurried = this.options.hurry?.isOver(now) === true;
    return isServedByOthers || isHurried || this.listener.owner !== this.owner;
  }

  release(): void {
    this.queue.release(this.listener);
  }

  close(): void {
    const { listener, options } = this;
    try {
      if (listener.owner === this.owner) listener.close();
    } catch (error) {
      options.reject(error);
    }
    listener.forgetQueue();
    this.release();
    options.resolve();
  }
}
