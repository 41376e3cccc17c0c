import type { ConnectionHandle, MovingConnection } from './messages.js';
import type { Supervisor } from './supervisor.js';
import type { WorkerProcess } from './worker-process.js';

interface Offer {
  readonly adopter: WorkerProcess;
  settle(isTaken: boolean): void;
}

/** The connections that go from workers which leave to those which serve on. */
export class ConnectionMoves {
  private readonly offers = new Map<number, Offer>();
  private lastId = 0;

  constructor(private readonly workers: () => Pick<Supervisor, 'newest'>) {}

  /**
   * Gives a connection to a worker of the newest generation that is ready; they take turns. Resolves
   * to whether it has it: if not, it has not read from it either, or is dead. No clock decides, for a
   * connection that two processes read from is lost.
   */
  async move(connection: MovingConnection, handle: ConnectionHandle): Promise<boolean> {
    const adopters = this.workers().newest?.ready.filter(({ adopts }) => adopts) ?? [];
    const id = (this.lastId += 1);
    const adopter = adopters[id % adopters.length];
    const isTaken =
      adopter !== undefined &&
      (await new Promise<boolean>((settle) => {
        this.offers.set(id, { adopter, settle });
        adopter.give({ type: 'adopt', id, connection }, handle, () => this.answered(id, false));
      }));
    // Closed here only now, so that it is open throughout.
    handle.close();
    return isTaken;
  }

  answered(id: number, isTaken: boolean): void {
    this.offers.get(id)?.settle(isTaken);
    this.offers.delete(id);
  }

  /** A worker has ended, and answers nothing any more. */
  ended(worker: WorkerProcess): void {
    for (const [id, { adopter }] of this.offers) if (adopter === worker) this.answered(id, false);
  }
}
