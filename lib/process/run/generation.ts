import { setTimeout as wait } from 'node:timers/promises';
import { Backoff } from './backoff.js';
import { stopWorker } from './stop-worker.js';
import type { SupervisorLog } from './supervisor-log.js';
import { describeEnd, WorkerProcess } from './worker-process.js';

/** What a generation is made with. */
export interface GenerationHost {
  readonly size: number;
  readonly readyTimeoutMs: number;
  readonly stopTimeoutMs: number | undefined;
  readonly log: SupervisorLog;
  /** Forks a worker, which is listened to. */
  fork(): WorkerProcess;
  /** Every worker is ready, for the first time or again. */
  complete(): void;
}

interface LeaveOptions {
  /** Whether other workers serve on. */
  readonly servesOn: boolean;
  /** Instead of the one that was asked for. */
  readonly stopTimeoutMs?: number;
}

/**
 * So long it takes at most until a signal that was sent to a whole group of processes, a Ctrl-C say,
 * has reached the supervisor as well.
 */
const groupSignalMs = 200;

/** The workers of one version of the code. One that dies is replaced, from the code that is on disk. */
export class Generation {
  private readonly workers = new Set<WorkerProcess>();
  private readonly stops = new Map<WorkerProcess, Promise<void>>();
  private readonly left = new AbortController();

  constructor(
    readonly number: number,
    private readonly host: GenerationHost,
  ) {}

  get serves(): boolean {
    return !this.left.signal.aborted && this.ready.length > 0;
  }

  /** Its workers that are ready. */
  get ready(): WorkerProcess[] {
    return [...this.workers].filter((worker) => worker.serves);
  }

  get pids(): string {
    return [...this.workers].map(({ pid }) => pid).join(', ');
  }

  /** @throws Error that says why one of its workers did not become ready */
  async start(): Promise<void> {
    const workers = Array.from({ length: this.host.size }, () => this.fork());
    await Promise.all(workers.map((worker) => this.becomesReady(worker)));
    for (const worker of workers) void this.keep(worker);
    this.host.complete();
  }

  /**
   * Its workers drain and end; resolves when they have. Nothing is replaced from now on. Called once
   * more it only says anew whether others serve on.
   */
  async leave(options: LeaveOptions): Promise<void> {
    this.left.abort();
    await Promise.all([...this.workers].map((worker) => this.stopWorker(worker, options)));
  }

  kill(): void {
    this.left.abort();
    for (const worker of this.workers) worker.kill();
  }

  private fork(): WorkerProcess {
    const worker = this.host.fork();
    this.workers.add(worker);
    void worker.ended.then(() => {
      this.workers.delete(worker);
      this.stops.delete(worker);
    });
    return worker;
  }

  private stopWorker(worker: WorkerProcess, options: LeaveOptions): Promise<void> {
    const { log, stopTimeoutMs } = this.host;
    const begun = this.stops.get(worker);
    if (begun) worker.leave(options.servesOn);
    const stop = begun ?? stopWorker(worker, { stopTimeoutMs, ...options, log });
    this.stops.set(worker, stop);
    return stop;
  }

  private async becomesReady(worker: WorkerProcess): Promise<void> {
    const { readyTimeoutMs } = this.host;
    const over = new AbortController();
    const { signal } = over;
    const outcome = await Promise.race([
      worker.ready.then(() => undefined),
      worker.ended.then((end) => `worker ${worker.pid} ${describeEnd(end)} before it was ready`),
      wait(readyTimeoutMs, tooLate(worker, readyTimeoutMs), { signal }).catch(() => undefined),
    ]);
    over.abort();
    if (outcome !== undefined) throw new Error(outcome);
  }

  /** Replaces a worker for as long as the generation stays. */
  private async keep(worker: WorkerProcess): Promise<void> {
    const backoff = new Backoff();
    let current: WorkerProcess | undefined = worker;
    while (current) {
      const since = performance.now();
      const why = await this.isOver(current);
      if (this.left.signal.aborted) return;
      this.host.log.warn(`worker ${current.pid} ${why}, another one takes its place`);
      const next = await this.replacement(backoff, performance.now() - since);
      // One that was sent a signal still serves.
      if (!current.isGone && !this.left.signal.aborted)
        void this.stopWorker(current, { servesOn: true });
      current = next;
    }
  }

  private isOver(worker: WorkerProcess): Promise<string> {
    return new Promise((resolve) => {
      void worker.ended.then((end) => resolve(describeEnd(end)));
      worker.on('message', (message) => {
        if (message.type !== 'signalled') return;
        const tell = (): void => resolve(`was sent ${message.signal}`);
        setTimeout(tell, groupSignalMs);
      });
    });
  }

  /** Undefined when the generation leaves. */
  private async replacement(
    backoff: Backoff,
    servedMs: number,
  ): Promise<WorkerProcess | undefined> {
    const { log } = this.host;
    const { signal } = this.left;
    for (let served = servedMs; !signal.aborted; served = 0) {
      await wait(backoff.next(served), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return undefined;
      let worker: WorkerProcess | undefined;
      try {
        worker = this.fork();
        await this.becomesReady(worker);
        log.info(`generation ${this.number}: worker ${worker.pid} is ready`);
        this.host.complete();
        return worker;
      } catch (error) {
        if (signal.aborted) return undefined;
        log.error((error as Error).message);
        worker?.kill();
      }
    }
    return undefined;
  }
}

function tooLate({ pid }: WorkerProcess, ms: number): string {
  return `worker ${pid} has started no pool within ${ms} ms (--ready-timeout)`;
}
