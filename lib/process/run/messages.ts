import type { DrainReport } from '../../server/server-state.js';
import type { ReservedSocket, SocketRequest } from '../../server/listener/worker-host.js';

/** What a system call met, as it goes from one process to another. */
export interface ReportedError {
  readonly message: string;
  readonly code?: string | undefined;
  readonly syscall?: string | undefined;
}

/** What operators ask a management server about the whole. */
export type Question = 'readiness' | 'health' | 'servers' | 'metrics';

/** What one worker says to it. */
export interface Part {
  readonly pid: number | undefined;
  readonly generation: number;
  /** Undefined where it has no management server, or did not answer in time. */
  readonly said: unknown;
}

/** Of a worker that said something. */
export interface Said<T> extends Part {
  readonly said: T;
}

/** Node's side of a connection, as it goes from one process to another. */
export interface ConnectionHandle {
  /** Of this process's side. The connection ends when no process has it. */
  close(): void;
}

/** An idle connection on its way from one worker to another. */
export interface MovingConnection {
  /** That it was accepted on, in canonical form. */
  readonly address: string;
  /** What one server tells another of it. */
  readonly facts: object;
}

/** What a worker tells its supervisor. */
export type WorkerMessage =
  /** It listens; in Node 20 a message that came before is lost. One of an older version adopts nothing. */
  | { readonly type: 'listening'; readonly adopts?: true }
  /** Its pool has started, which does not say yet that it stays. */
  | { readonly type: 'started' }
  | { readonly type: 'ready' }
  /** A signal came to the worker itself, of which its supervisor need not know. */
  | { readonly type: 'signalled'; readonly signal: NodeJS.Signals }
  /** It drains; told again and again, for only a process that is alive drains. */
  | { readonly type: 'leaving' }
  | {
      readonly type: 'drained';
      readonly reports: readonly DrainReport[];
      readonly error?: string;
      /** As a management server tells them, where there is one. */
      readonly metrics?: string;
    }
  /** What do all workers say. */
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }
  | { readonly type: 'said'; readonly id: number; readonly said: unknown }
  /** Sent with a connection, for a worker that serves on at its address. */
  | { readonly type: 'move'; readonly id: number; readonly connection: MovingConnection }
  /** Follows each of those: a process without a free descriptor gets nothing of what came with one. */
  | { readonly type: 'sent'; readonly id: number }
  /** Whether it serves the connection that it was sent. */
  | { readonly type: 'adopted'; readonly id: number; readonly isTaken: boolean }
  | { readonly type: 'reserve'; readonly id: number; readonly request: SocketRequest };

/** What a supervisor tells a worker. */
export type SupervisorMessage =
  /** Others serve on where the worker leaves, or nobody does. An older supervisor moves no connections. */
  | { readonly type: 'leave'; readonly servesOn: boolean; readonly moves?: true }
  /** Whatever it still waits for is cut. */
  | { readonly type: 'hurry' }
  /** What does this worker say. */
  | { readonly type: 'question'; readonly id: number; readonly question: Question }
  | { readonly type: 'answer'; readonly id: number; readonly answer: WholeAnswer }
  /** Sent with a connection, which is served on or left alone. */
  | { readonly type: 'adopt'; readonly id: number; readonly connection: MovingConnection }
  /** Follows each of those. */
  | { readonly type: 'sent'; readonly id: number }
  /** Whether another worker has it; if not, no other one has ever read from it. */
  | { readonly type: 'moved'; readonly id: number; readonly isTaken: boolean }
  | {
      readonly type: 'reserved';
      readonly id: number;
      readonly socket?: ReservedSocket | undefined;
      readonly error?: ReportedError | undefined;
    };

/** What all workers of the newest generation that is ready say. */
export interface WholeAnswer {
  /** Why the whole takes no requests, whatever its workers say. */
  readonly reason?: string | undefined;
  readonly parts: readonly Part[];
  /** Of metrics: the counters of workers that have left, or leave. */
  readonly former?: string;
}

/** Marks what is ours among the messages that an application sends and receives itself. */
const mark = 'nestjs-http-pool';

export function envelope<T>(message: T): { [mark]: T } {
  return { [mark]: message };
}

/** Undefined for a message of somebody else. */
export function openEnvelope<T>(received: unknown): T | undefined {
  if (typeof received !== 'object' || received === null) return undefined;
  return (received as { [mark]?: T })[mark];
}
