import type { ServerResponse } from 'node:http';
import type { Connection } from '../connection/connection.js';
import { lingeringClose } from '../connection/linger.js';
import { endLastAnswerBy } from '../node/node-http1.js';
import { sayClose } from './say-close.js';

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
