import type { Socket } from 'node:net';
import { findConnection, type Connection } from '../connection/connection.js';
import { endWhenSilent } from '../connection/end-when-silent.js';
import { endSocket } from '../connection/own-methods.js';
import { isEventStream } from './event-stream.js';

/**
 * Answers clients that end their side behind their request, as `nc` does. Node would end the other
 * side at once (`httpAllowHalfOpen` is false), and drop what a handler says later. What is sent to one
 * that is gone comes back as a reset, so an answer goes on for as long as something is. Server-sent events
 * end as they do with Node: they have no end to wait for, and a client that has had enough of them sends a FIN.
 *
 * Called for each request that its handler has not answered at once: with one more listener for the
 * end, an idle connection that is answered at once would take a tenth more memory.
 */
export function answerHalfOpen(connection: Connection): void {
  if (connection.answersHalfOpen) return;
  connection.answerHalfOpen();
  connection.socket.on('end', onEnd);
}

function onEnd(this: Socket): void {
  const current = findConnection({ socket: this })?.current;
  if (current === undefined) return;
  if (isEventStream(current)) return endSocket(this);
  endWhenSilent(this);
}
