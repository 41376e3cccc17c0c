import { ask, askWorkers } from './ask-workers.js';
import type { WholeAnswer } from '../messages.js';
import { sumCounters } from './sum-counters.js';
import type { Supervisor } from '../supervisor.js';
import type { WorkerProcess } from '../worker-process.js';

/** What a worker said last of its metrics. */
interface Told {
  readonly body: string;
  /** It counts nothing any more. */
  readonly isFinal: boolean;
}

/**
 * What workers have counted that serve no more: the counters of the whole must not go down when one
 * leaves, or dies.
 */
export class PastCounters {
  /** Of the workers that have ended. */
  private sum = '';
  private readonly alive = new Map<WorkerProcess, Told>();

  /** From its fork on. */
  watch(worker: WorkerProcess): void {
    this.alive.set(worker, { body: '', isFinal: false });
    worker.on('message', (message) => {
      if (message.type !== 'drained' || message.metrics === undefined) return;
      this.alive.set(worker, { body: message.metrics, isFinal: true });
    });
    void worker.ended.then(() => {
      const { body = '' } = this.alive.get(worker) ?? {};
      this.alive.delete(worker);
      if (body !== '') this.sum = sumCounters([this.sum, body]);
    });
  }

  /** The metrics of the workers that serve, and what others had counted. */
  async ask(supervisor: Pick<Supervisor, 'newest' | 'isStopping'>): Promise<WholeAnswer> {
    const serving = new Set(supervisor.newest?.ready);
    const leaving = [...this.alive.keys()].filter(
      (worker) => worker.isReady && !serving.has(worker),
    );
    const [{ reason, parts }] = await Promise.all([
      askWorkers(supervisor, 'metrics'),
      ...leaving.map((worker) => this.askOne(worker)),
    ]);
    // Within one turn from here on: a worker that has ended meanwhile is in the sum, and in nothing else.
    const byPid = new Map([...this.alive.keys()].map((worker) => [worker.pid, worker]));
    const counted = parts.filter(({ pid, said }) => {
      const worker = byPid.get(pid);
      const body = bodyOf(said);
      if (worker === undefined || body === undefined) return false;
      this.note(worker, body);
      byPid.delete(pid);
      return true;
    });
    const others = [...byPid.values()].map((worker) => this.alive.get(worker)?.body ?? '');
    return { reason, parts: counted, former: sumCounters([this.sum, ...others]) };
  }

  private async askOne(worker: WorkerProcess): Promise<void> {
    if (this.alive.get(worker)?.isFinal) return;
    const body = bodyOf(await ask(worker, 'metrics'));
    if (body !== undefined) this.note(worker, body);
  }

  private note(worker: WorkerProcess, body: string): void {
    const told = this.alive.get(worker);
    if (told && !told.isFinal) this.alive.set(worker, { body, isFinal: false });
  }
}

/** Undefined where a worker has no metrics. */
function bodyOf(said: unknown): string | undefined {
  const { body } = (said ?? {}) as { body?: unknown };
  return typeof body === 'string' ? body : undefined;
}
