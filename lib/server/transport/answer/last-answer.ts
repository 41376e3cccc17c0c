import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { findConnection, type Connection } from '../connection/connection.js';
import { lingeringClose } from '../connection/linger.js';
import { endLastAnswerBy } from '../node/node-http1.js';
import { sayClose } from './say-close.js';

/**
 * Calls back when the answers are sent that are pipelined in front of an upgrade: what is said to it before, its client
 * would take for one of them.
 */
export function behindThoseInFront(socket: Socket, say: () => void): void {
  const before = findConnection({ socket })?.inFront;
  if (before) before.once('close', say);
  else say();
}

/** Makes an answer the last one of its HTTP/1 connection, unless the client has pipelined another. */
export function closeAfter(connection: Connection, response: ServerResponse): void {
  const { socket } = connection;
  sayClose(
    response,
    () => connection.kind === 'http1' && connection.isNewest(response),
    () => connection.refuseRequests(),
  );
  // Node's own way destroys at once, which resets a client that is still sending its body.
  endLastAnswerBy(socket, () => lingeringClose(socket));
}

/**
 * Ends a connection behind its last answer, whatever that has told: of a head that was written past the response's own
 * `writeHead`, the client would ask again, and have no answer.
 */
export function endAfter(connection: Connection, response: ServerResponse): void {
  response.once('close', () => {
    if (connection.kind === 'http1' && connection.inFlight === 0) lingeringClose(connection.socket);
  });
}

/**
 * Calls back when the parser is through with the bytes at hand, and when the answer in front is
 * sent: only then is it known whether another request is pipelined behind this one, or whether its
 * answer is the last and says so.
 *
 * @param before The answer in front, as `begin` told it
 */
export function whenLastIsKnown(
  { socket }: Connection,
  before: ServerResponse | undefined,
  dispatch: () => void,
): void {
  if (before === undefined) process.nextTick(dispatch);
  else before.once('close', () => socket.destroyed || process.nextTick(dispatch));
}
