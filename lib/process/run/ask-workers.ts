import { setTimeout as wait } from 'node:timers/promises';
import type { Part, Question, WholeAnswer, WorkerMessage } from './messages.js';
import type { Supervisor } from './supervisor.js';
import type { WorkerProcess } from './worker-process.js';

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
  if (isStopping) return 'the application is being closed';
  return hasStarted ? undefined : 'no generation is ready';
}

/** What one worker says, if it does in time. */
export async function ask(worker: WorkerProcess, question: Question): Promise<unknown> {
  const id = (lastId += 1);
  const over = new AbortController();
  let listen = (_message: WorkerMessage): void => undefined;
  const said = new Promise<unknown>((resolve) => {
    listen = (message) => {
      if (message.type === 'said' && message.id === id) resolve(message.said);
    };
    worker.on('message', listen);
    worker.tell({ type: 'question', id, question });
  });
  const { signal } = over;
  const late = wait(longestMs, undefined, { signal }).catch(() => undefined);
  const outcome = await Promise.race([said, late, worker.ended.then(() => undefined)]);
  over.abort();
  worker.off('message', listen);
  return outcome;
}
