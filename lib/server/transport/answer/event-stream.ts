import { OutgoingMessage, type ServerResponse } from 'node:http';
import { sentHead } from '../node/node-http1.js';

const IN_HEAD = /^content-type:[ \t]*text\/event-stream\b/im;

/**
 * Whether an answer has begun to push server-sent events: it is open for as long as its client likes.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function isEventStream(answer: ServerResponse): boolean {
  if (!answer.headersSent) return false;
  // Node's own: what a handler has put in its place may throw, where nobody would catch it.
  const type: unknown = OutgoingMessage.prototype.getHeader.call(answer, 'content-type');
  // Node forgets the headers that nothing but `writeHead` was given.
  return isEventStreamType(type) || IN_HEAD.test(sentHead(answer));
}

/** Whether a `Content-Type` is that of server-sent events. */
export function isEventStreamType(type: unknown): boolean {
  return typeof type === 'string' && /^text\/event-stream\b/i.test(type);
}
