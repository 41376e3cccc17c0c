import { setMaxListeners } from 'node:events';

/** What is under way, and can be given up. */
interface UnderWay {
  giveUp(reason: Error): void;
}

/** What a stop may have to wait for. */
interface Pending {
  /** Its place among all that was asked for. */
  readonly place: number;
  /** Whether it is the stop of a server that leaves. */
  readonly isStop: boolean;
  readonly work: Promise<unknown>;
}

/**
 * Whether a pool is on or being stopped, and what is under way in it: the one place that knows that
 * «the pool was stopped meanwhile».
 */
export class PoolActivity {
  /** So many calls since the last stop want it on. */
  private starts = 0;
  private stops = 0;
  private stopping = 0;
  private readonly underWay = new Set<UnderWay>();
  private readonly pending = new Set<Pending>();
  private asked = 0;

  /** It was started, and not stopped since. */
  get isStarted(): boolean {
    return this.starts > 0;
  }

  /** Tells whether the pool was stopped since. */
  stoppedSince(): () => boolean {
    const { stops } = this;
    return () => stops !== this.stops;
  }

  /** A stop is under way: what still runs says nothing of what is wanted. */
  get isStopping(): boolean {
    return this.stopping > 0;
  }

  /** From this call on the pool is on. When the work is given up, it is if others want it to be. */
  async startWhile<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (signal?.aborted) return work();
    const { stops } = this;
    this.starts += 1;
    const takeBack = (): void => {
      if (stops === this.stops) this.starts -= 1;
    };
    signal?.addEventListener('abort', takeBack, { once: true });
    try {
      return await work();
    } finally {
      signal?.removeEventListener('abort', takeBack);
    }
  }

  /**
   * From this call on the pool is off; what was under way is given up, and waited for at the end.
   *
   * @param work Is given what settles when all is over that was asked for before
   */
  async stopWhile<T>(
    why: string,
    work: (othersDone: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    this.starts = 0;
    this.stops += 1;
    this.stopping += 1;
    const place = this.nextPlace();
    this.giveUp(why);
    try {
      return await work(() => this.allDoneBefore(place));
    } finally {
      await this.allDoneBefore(place);
      this.stopping -= 1;
    }
  }

  /** What is staged, or waits, is over: its signal aborts with the reason. */
  giveUp(why: string): void {
    for (const each of this.underWay) each.giveUp(new Error(why));
  }

  /** Work that a stop after it gives up, by the signal, and waits for. */
  async during<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    // Who has it is many servers at once, and Node warns of more than ten as of a leak.
    setMaxListeners(0, controller.signal);
    const entry = { giveUp: (reason: Error) => controller.abort(reason) };
    this.underWay.add(entry);
    try {
      const place = this.nextPlace();
      return await this.hold({ place, isStop: false, work: work(controller.signal) });
    } finally {
      this.underWay.delete(entry);
    }
  }

  /** The stop of a server that leaves: a stop of the pool waits for it. */
  async track<T>(work: Promise<T>): Promise<T> {
    return this.hold({ place: this.nextPlace(), isStop: true, work });
  }

  private async hold<T>(entry: Pending & { readonly work: Promise<T> }): Promise<T> {
    this.pending.add(entry);
    try {
      return await entry.work;
    } finally {
      this.pending.delete(entry);
    }
  }

  private nextPlace(): number {
    this.asked += 1;
    return this.asked;
  }

  /**
   * What was asked for later may take as long as it likes: it knows that the pool is off. But servers that leave
   * meanwhile are part of the stop, as long as nobody starts the pool again.
   */
  private async allDoneBefore(place: number): Promise<void> {
    for (;;) {
      const awaited = [...this.pending].filter(
        (each) => each.place < place || (each.isStop && !this.isStarted),
      );
      if (awaited.length === 0) return;
      await Promise.allSettled(awaited.map(({ work }) => work));
    }
  }
}
