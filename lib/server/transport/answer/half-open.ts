import { Socket } from 'node:net';
import { findConnection, type Connection } from '../connection/connection.js';
import { endWhenSilent } from '../connection/end-when-silent.js';
import { lingeringClose } from '../connection/linger.js';
import { isPausedByServer, readThroughBuffer } from '../node/pause-parser.js';
import { isEventStream } from './event-stream.js';
import { mayReadOn, readOn } from './read-on.js';

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
  connection.socket.on('end', onEnd).pause = pause;
}

/** Those whose end came while they were paused; 'end' follows when they are read to it. */
const ended = new WeakSet<Socket>();

function onEnd(this: Socket): void {
  if (!ended.has(this)) clientEnded(this);
}

function clientEnded(socket: Socket): void {
  const current = findConnection({ socket })?.current;
  if (current === undefined) return;
  if (isEventStream(current)) lingeringClose(socket);
  else endWhenSilent(socket);
}

/**
 * Node pauses the connection of a client that pipelines when answers wait behind one that takes its time. It reads no more
 * then, and never learns that the client has gone: neither by a FIN nor by a reset. From the first pause on it is read
 * into the buffer of its socket, and the end is noted as it comes, for 'end' waits until all in front of it is read.
 */
function pause(this: Socket): Socket {
  // Once: what a handler has put in its place stays there, and may call it each time.
  if (this.push !== push && isPausedByServer(this)) {
    if (this.pause === pause) delete (this as Partial<Socket>).pause;
    readThroughBuffer(this);
    this.push = push;
    readOn(this);
  }
  return Socket.prototype.pause.call(this);
}

function push(this: Socket, ...args: Parameters<Socket['push']>): boolean {
  if (args[0] === null && isPausedByServer(this)) {
    ended.add(this);
    clientEnded(this);
  }
  return Socket.prototype.push.apply(this, args) || mayReadOn(this);
}
