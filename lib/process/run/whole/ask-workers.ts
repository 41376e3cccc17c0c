import { BEING_CLOSED } from '../../../management/whole/start-phase.js';
import type { Part, Question, WholeAnswer, WorkerMessage } from '../messages.js';
import type { Supervisor } from '../supervisor.js';
import type { WorkerProcess } from '../worker-process.js';

/** So long a worker may take; one that is busy for longer does not keep operators from an answer. */
const longestMs = 1_000;

let lastId = 0;

/** What all workers of the newest generation that is ready say, those that answer in time. */
export async function askWorkers(
  { newest, isStopping }: Pick<Supervisor, 'newest' | 'isStopping'>,
  question: Question,
): Promise<WholeAnswer> {
  const workers = newest?.ready ?? [];
  const parts = workers.map(async (worker): Promise<Part> => ({
    pid: worker.pid,
    generation: newest?.number ?? 0,
    said: await ask(worker, question),
  }));
  return { reason: reasonOf(newest !== undefined, isStopping), parts: await Promise.all(parts) };
}

function reasonOf(hasStarted: boolean, isStopping: boolean): string | undefined {
  if (isStopping) return BEING_CLOSED;
  return hasStarted ? undefined : 'no generation is ready';
}

/**
 * What one worker says, if it does in time. Nothing of a question outlives its answer: a `Promise.race`
 * with the end of the worker would be kept, with what was said, for as long as that lives.
 */
export function ask(worker: WorkerProcess, question: Question): Promise<unknown> {
  const id = (lastId += 1);
  return new Promise((resolve) => {
    const listen = (message: WorkerMessage): void => {
      if (message.type === 'said' && message.id === id) answer(message.said);
    };
    const giveUp = (): void => answer(undefined);
    const late = setTimeout(giveUp, longestMs);
    const answer = (said: unknown): void => {
      clearTimeout(late);
      worker.off('message', listen).off('end', giveUp);
      resolve(said);
    };
    if (worker.isGone) return giveUp();
    worker.on('message', listen).on('end', giveUp);
    worker.tell({ type: 'question', id, question });
  });
}
