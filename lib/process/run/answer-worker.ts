import { askWorkers } from './whole/ask-workers.js';
import type { ConnectionMoves } from './connection-moves.js';
import type { ConnectionHandle, ReportedError, WorkerMessage } from './messages.js';
import type { PastCounters } from './whole/past-counters.js';
import type { SharedSockets } from './sockets/shared-sockets.js';
import type { Supervisor } from './supervisor.js';
import type { WorkerProcess } from './worker-process.js';

/** What workers ask of. */
interface AnswerParts {
  readonly sockets: SharedSockets;
  readonly supervisor: Supervisor;
  readonly moves: ConnectionMoves;
  readonly counters: PastCounters;
}

/** Does what a worker asks its supervisor for, from here on. */
export function answerWorker(worker: WorkerProcess, parts: AnswerParts): WorkerProcess {
  parts.counters.watch(worker);
  void worker.ended.then(() => parts.moves.ended(worker));
  let lastReceived = 0;
  return worker.on('message', (message, handle) => {
    if (message.type === 'move') lastReceived = message.id;
    // Messages come in the order in which they were sent.
    if (message.type === 'sent' && message.id !== lastReceived) {
      worker.tell({ type: 'moved', id: message.id, isTaken: false });
    }
    void answer(worker, parts, message, handle);
  });
}

async function answer(
  worker: WorkerProcess,
  { sockets, supervisor, moves, counters }: AnswerParts,
  message: WorkerMessage,
  handle: ConnectionHandle | undefined,
): Promise<void> {
  switch (message.type) {
    case 'ask': {
      const { id, question } = message;
      const said =
        question === 'metrics' ? counters.ask(supervisor) : askWorkers(supervisor, question);
      return worker.tell({ type: 'answer', id, answer: await said });
    }
    case 'move': {
      const { id, connection } = message;
      const isTaken = handle !== undefined && (await moves.move(connection, handle));
      return worker.tell({ type: 'moved', id, isTaken });
    }
    case 'started':
      return supervisor.poolStarted();
    case 'adopted':
      return moves.answered(message.id, message.isTaken);
    case 'reserve':
      try {
        const socket = await sockets.reserve(message.request);
        return worker.tell({ type: 'reserved', id: message.id, socket });
      } catch (error) {
        return worker.tell({ type: 'reserved', id: message.id, error: reported(error as Error) });
      }
  }
}

function reported({ message, code, syscall }: NodeJS.ErrnoException): ReportedError {
  return { message, code, syscall };
}
