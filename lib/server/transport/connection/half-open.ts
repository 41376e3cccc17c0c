import type { Socket } from 'node:net';
import { findConnection, type Connection } from './connection.js';

/**
 * So long a client that has ended its side is waited for with an answer that has not begun. It may
 * be half-closed, and read on; or it may be gone altogether, which can't be told from here until
 * something is sent. Then the handler must learn it, for it may do work that nobody wants.
 */
const answerMs = 2000;

/**
 * Answers clients that end their side behind their request, as `nc` does. Node would end the other
 * side at once (`httpAllowHalfOpen` is false), and drop what a handler says later. An answer that has
 * begun and goes on, such as server-sent events, ends as it does with Node: who listens to one goes
 * away by a FIN as well.
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
  const connection = findConnection({ socket: this });
  const current = connection?.current;
  if (current === undefined) return;
  const end = (): void => void this.end();
  if (current.headersSent && !current.writableEnded) return end();
  const timer = setTimeout(end, answerMs);
  this.once('close', () => clearTimeout(timer));
}
