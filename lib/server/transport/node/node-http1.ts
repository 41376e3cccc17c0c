import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/*
 * What is read of Node's HTTP/1 server beyond its documented surface, read from `_http_server.js` and
 * `_http_outgoing.js` of Node 20.20, 22.23, 24.21 and 26.10. Where a version lacks it, the library
 * goes a longer way to the same end; the canary test beside this file fails by name.
 */

/**
 * The answer that is being sent on a connection: Node sets it before it emits 'request', and takes it
 * away when the answer is handed to the system whole. Answers that are pipelined behind it are not
 * known from the socket.
 */
export function answerOn(socket: Socket): ServerResponse | undefined {
  const { _httpMessage: answer } = socket as { _httpMessage?: ServerResponse | null };
  return answer ?? undefined;
}

/** The head of an answer of HTTP/1 as it was sent, line by line; empty before that. */
export function sentHead(answer: ServerResponse): string {
  const { _header: head } = answer as { _header?: string | null };
  return head ?? '';
}
