import type { DrainReport } from '../../server/server-state.js';
import type { ReservedSocket, SocketRequest } from '../../server/listener/worker-host.js';

/** What a system call met, as it goes from one process to another. */
export interface ReportedError {
  readonly message: string;
  readonly code?: string | undefined;
  readonly syscall?: string | undefined;
}

/** What a worker tells its supervisor. */
export type WorkerMessage =
  /** It listens; in Node 20 a message that came before is lost. */
  | { readonly type: 'listening' }
  | { readonly type: 'ready' }
  /** A signal came to the worker itself, of which its supervisor need not know. */
  | { readonly type: 'signalled'; readonly signal: NodeJS.Signals }
  /** It drains; told again and again, for only a process that is alive drains. */
  | { readonly type: 'leaving' }
  | { readonly type: 'drained'; readonly reports: readonly DrainReport[]; readonly error?: string }
  | { readonly type: 'reserve'; readonly id: number; readonly request: SocketRequest };

/** What a supervisor tells a worker. */
export type SupervisorMessage =
  /** Others serve on where the worker leaves, or nobody does. */
  | { readonly type: 'leave'; readonly servesOn: boolean }
  /** Whatever it still waits for is cut. */
  | { readonly type: 'hurry' }
  | {
      readonly type: 'reserved';
      readonly id: number;
      readonly socket?: ReservedSocket | undefined;
      readonly error?: ReportedError | undefined;
    };

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
