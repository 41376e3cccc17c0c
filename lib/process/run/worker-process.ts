import cluster, { type Worker } from 'node:cluster';
import type { SendHandle } from 'node:child_process';
import { EventEmitter } from 'node:events';
import {
  envelope,
  openEnvelope,
  type ConnectionHandle,
  type SupervisorMessage,
  type WorkerMessage,
} from './messages.js';

/** How a worker ended. */
interface WorkerEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Where there was no process, why. */
  readonly error?: Error;
}

interface WorkerEvents {
  /** With a connection where one was sent along. */
  message: [WorkerMessage, handle?: ConnectionHandle];
  /** The process has ended, as `ended` says. */
  end: [];
}

/** One process of the application, from its fork on. */
export class WorkerProcess extends EventEmitter<WorkerEvents> {
  /** Resolves, and never rejects, when the process has ended. */
  readonly ended: Promise<WorkerEnd>;
  /** Resolves when its pool has started; never, when it ends before. */
  readonly ready: Promise<void>;
  isReady = false;
  isGone = false;
  private canAdopt = false;
  private isLeaving = false;
  private readonly worker: Worker = cluster.fork();
  /** What waits until it listens. */
  private untold: SupervisorMessage[] | undefined = [];

  constructor() {
    super();
    // Every question that waits for its answer listens, and probes may ask many at once.
    this.setMaxListeners(0);
    const { worker } = this;
    this.ended = new Promise((resolve) => {
      const end = (how: WorkerEnd): void => {
        this.isGone = true;
        resolve(how);
        this.emit('end');
      };
      worker.once('exit', (code: number | null, signal: string | null) =>
        end({ code, signal: signal as NodeJS.Signals | null }),
      );
      worker.on('error', (error) => {
        // There is no exit of a process that could not be made.
        if (this.pid === undefined) end({ code: null, signal: null, error });
      });
    });
    this.ready = new Promise((resolve) => {
      worker.on('message', (received: unknown, handle: unknown) => {
        const message = openEnvelope<WorkerMessage>(received);
        if (message?.type === 'listening') {
          this.canAdopt = message.adopts === true;
          this.beginToTell();
        } else if (message?.type === 'ready') {
          this.isReady = true;
          resolve();
        }
        if (message) this.emit('message', message, handle as ConnectionHandle | undefined);
      });
    });
  }

  get pid(): number | undefined {
    return this.worker.process.pid;
  }

  /** Whether it serves, as far as anybody knows. */
  get serves(): boolean {
    return this.isReady && !this.isGone && this.worker.isConnected();
  }

  /** Whether it can be sent a connection that another worker had. */
  get adopts(): boolean {
    return this.serves && this.canAdopt && !this.isLeaving;
  }

  tell(message: SupervisorMessage): void {
    if (this.untold) this.untold.push(message);
    else this.send(message);
  }

  /** Sends a connection along, which stays open here as well; `failed` is told when it has not left. */
  give(
    message: SupervisorMessage & { type: 'adopt' },
    handle: ConnectionHandle,
    failed: () => void,
  ): void {
    if (!this.worker.isConnected()) return failed();
    const sent = handle as unknown as SendHandle;
    this.worker.send(envelope(message), sent, (error) => error && failed());
    this.tell({ type: 'sent', id: message.id });
  }

  /** Has it drain and end; one that has loaded nothing yet has nothing to drain. */
  leave(servesOn: boolean): void {
    if (this.untold) this.worker.process.kill('SIGTERM');
    this.isLeaving = true;
    this.tell({ type: 'leave', servesOn, moves: true });
  }

  kill(): void {
    this.worker.process.kill('SIGKILL');
  }

  private beginToTell(): void {
    const { untold = [] } = this;
    this.untold = undefined;
    for (const message of untold) this.send(message);
  }

  private send(message: SupervisorMessage): void {
    // One that is gone, or about to be, hears nothing, and Node says so with an error.
    if (this.worker.isConnected()) this.worker.send(envelope(message), () => undefined);
  }
}

/** As a line of the log has it. */
export function describeEnd({ code, signal, error }: WorkerEnd): string {
  if (error) return `could not be started: ${error.message}`;
  return signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
}
