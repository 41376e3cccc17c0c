import type { Socket } from 'node:net';
import { findConnection, type Connection } from '../connection/connection.js';
import { endSocket } from '../connection/own-methods.js';
import { isEventStream } from './event-stream.js';

/**
 * How long a client that has ended its side is waited for while nothing is sent to it. It may be half-closed, and
 * read on; or it may be gone altogether, which can't be told from here until something is sent. Then the
 * handler must learn it, for it may do work that nobody wants.
 */
const silenceMs = 2000;

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
  let sent = this.bytesWritten;
  const timer = setInterval(() => {
    // What waits to be read is for somebody who is there.
    if (this.bytesWritten === sent && this.writableLength === 0) endSocket(this);
    sent = this.bytesWritten;
  }, silenceMs);
  this.once('close', () => clearInterval(timer));
}
