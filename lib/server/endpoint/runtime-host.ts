import type { IncomingMessage } from 'node:http';
import type { OnSlowClient } from '../transport/limits/slow-clients.js';
import type { OnWrongProtocol } from '../transport/wrong-protocol.js';

/** Whom a runtime serves for. */
export interface RuntimeHost {
  /** Told to every connection, so that a request finds the server that accepted it. */
  readonly owner: unknown;
  /** The bound socket is of no use any more. */
  listenerDied(error: Error): void;
  /** A handler threw, or its promise rejected. */
  handlerFailed(error: unknown, request: IncomingMessage): void;
  /** The grace ran out before these were answered: method and path of each. */
  requestsCut(requests: readonly string[]): void;
  /** A client was cut that sent a request, or read an answer, too slowly. */
  clientWasSlow: OnSlowClient;
  /** A client spoke another protocol than the server does. */
  wrongProtocol: OnWrongProtocol;
  /** What it serves TLS with was read anew, and is what it was. */
  tlsReread(): void;
  /** An observer threw. */
  observerFailed(error: unknown): void;
  /** The origin of the server of this name; undefined: there is none now. */
  redirectOrigin(server: string): string | undefined;
  /** The handlers changed to something that can't be served. */
  handlerRefused(error: Error): void;
}
