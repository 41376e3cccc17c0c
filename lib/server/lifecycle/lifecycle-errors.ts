import { ServerError, ServerErrorCode } from '../../errors/server.error.js';
import type { FailedServer } from '../../errors/start-error.js';

/** The bound socket of a server that runs has met an error. */
export function listenerLost(server: FailedServer, cause: Error): ServerError {
  const what = `lost its listener on ${server.bind}: ${cause.message}`;
  return failed(server, what, cause);
}

/** It is stopped, and something of its listener is left. */
export function notClosed(server: FailedServer, cause: Error): ServerError {
  const what = `is drained and stopped, but what it listened with was not all removed: ${cause.message}`;
  return failed(server, what, cause);
}

/** A start that must not be. */
export function notStarted(server: FailedServer, { reason }: AbortSignal): ServerError {
  return failed(server, 'was not started, its signal was aborted', reason);
}

/** @param what What was under way, such as `it started` */
export function stoppedWhile(server: FailedServer, what: string, cause: unknown): ServerError {
  return failed(server, `was stopped while ${what}`, cause);
}

/** Whether a start failed for an address that may become free. */
export function isAddressInUse(error: unknown): boolean {
  return (error as ServerError).code === ServerErrorCode.ERR_SERVER_PORT_IN_USE;
}

function failed({ name, bind }: FailedServer, what: string, cause: unknown): ServerError {
  const { ERR_SERVER_START } = ServerErrorCode;
  return new ServerError(ERR_SERVER_START, `Server '${name}' ${what}`, {
    server: name,
    bind,
    cause,
  });
}
