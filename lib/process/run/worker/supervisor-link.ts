import type { SendHandle } from 'node:child_process';
import cluster from 'node:cluster';
import type { ReservedSocket, SocketRequest } from '../../../server/listener/worker-host.js';
import {
  envelope,
  openEnvelope,
  type ConnectionHandle,
  type MovingConnection,
  type Question,
  type SupervisorMessage,
  type WholeAnswer,
  type WorkerMessage,
} from '../messages.js';

interface SupervisorOrders {
  leave(options: { servesOn: boolean; moves: boolean }): void;
  /** Takes over a connection of another process; returns whether it is served from here on. */
  adopt(connection: MovingConnection, handle: object): boolean;
  hurry(): void;
  /** What this process says of itself. */
  say(question: Question): Promise<unknown>;
  /** The supervisor is gone. */
  lost(): void;
}

interface Waiting {
  resolve(socket: ReservedSocket | undefined): void;
  reject(error: Error): void;
}

/** The channel to the supervisor, as long as there is one. */
export class SupervisorLink {
  private readonly waiting = new Map<number, Waiting>();
  private readonly moving = new Map<number, (isTaken: boolean) => void>();
  private readonly asking = new Map<number, (answer: WholeAnswer | undefined) => void>();
  private lastId = 0;

  listen(orders: SupervisorOrders): void {
    let lastReceived = 0;
    process.on('message', (received, handle: unknown) => {
      const message = openEnvelope<SupervisorMessage>(received);
      if (message?.type === 'leave') {
        orders.leave({ servesOn: message.servesOn, moves: message.moves === true });
      } else if (message?.type === 'adopt') {
        const { id, connection } = message;
        lastReceived = id;
        const isTaken = handle !== undefined && orders.adopt(connection, handle as object);
        if (!isTaken) (handle as ConnectionHandle | undefined)?.close();
        void this.tell({ type: 'adopted', id, isTaken });
      } else if (message?.type === 'sent') {
        // Messages come in the order in which they were sent: the connection did not.
        if (message.id !== lastReceived) {
          void this.tell({ type: 'adopted', id: message.id, isTaken: false });
        }
      } else if (message?.type === 'moved') {
        this.moved(message.id, message.isTaken);
      } else if (message?.type === 'hurry') orders.hurry();
      else if (message?.type === 'question') {
        const { id, question } = message;
        void orders.say(question).then((said) => this.tell({ type: 'said', id, said }));
      } else if (message?.type === 'reserved') this.settle(message);
      else if (message?.type === 'answer') this.answer(message);
    });
    const { worker } = cluster;
    worker?.once('disconnect', () => {
      // Otherwise Node ends the process here, with whatever it has under way.
      worker.exitedAfterDisconnect = true;
      for (const waiting of this.waiting.values()) waiting.resolve(undefined);
      this.waiting.clear();
      for (const resolve of this.asking.values()) resolve(undefined);
      this.asking.clear();
      // Another process may have it by now, and two must never read from it.
      for (const resolve of this.moving.values()) resolve(true);
      this.moving.clear();
      orders.lost();
    });
    void this.tell({ type: 'listening', adopts: true });
  }

  /** Resolves when it is on its way; a supervisor that is gone need not know. */
  tell(message: WorkerMessage): Promise<void> {
    return new Promise((resolve) => {
      if (!process.connected) return resolve();
      process.send?.(envelope(message), undefined, undefined, () => resolve());
    });
  }

  /** Gives a connection to another worker; resolves to whether it may be another's from here on. */
  move(connection: MovingConnection, handle: object): Promise<boolean> {
    if (!process.connected) return Promise.resolve(false);
    const id = (this.lastId += 1);
    const message: WorkerMessage = { type: 'move', id, connection };
    return new Promise((resolve) => {
      this.moving.set(id, resolve);
      process.send?.(envelope(message), handle as SendHandle, undefined, (error) => {
        // It was closed while it waited for its turn: nobody has it.
        if (error) this.moved(id, false);
      });
      void this.tell({ type: 'sent', id });
    });
  }

  /** What all workers say; undefined without a supervisor. */
  ask(question: Question): Promise<WholeAnswer | undefined> {
    if (!process.connected) return Promise.resolve(undefined);
    const id = (this.lastId += 1);
    return new Promise((resolve) => {
      this.asking.set(id, resolve);
      void this.tell({ type: 'ask', id, question });
    });
  }

  /** @throws the error of the system with which the supervisor could not bind */
  reserve(request: SocketRequest): Promise<ReservedSocket | undefined> {
    if (!process.connected) return Promise.resolve(undefined);
    const id = (this.lastId += 1);
    // Nothing else may keep a process alive that has not begun to listen.
    process.channel?.ref();
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      void this.tell({ type: 'reserve', id, request });
    });
  }

  private moved(id: number, isTaken: boolean): void {
    this.moving.get(id)?.(isTaken);
    this.moving.delete(id);
  }

  private answer({ id, answer }: SupervisorMessage & { type: 'answer' }): void {
    this.asking.get(id)?.(answer);
    this.asking.delete(id);
  }

  private settle({ id, socket, error }: SupervisorMessage & { type: 'reserved' }): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (this.waiting.size === 0) process.channel?.unref();
    if (error) waiting?.reject(Object.assign(new Error(error.message), error));
    else waiting?.resolve(socket);
  }
}
