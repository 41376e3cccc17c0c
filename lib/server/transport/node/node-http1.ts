import { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { warnOfNode } from '../../../errors/warn-once.js';

/*
 * What is read of Node's HTTP/1 server beyond its documented surface, read from `_http_server.js` and
 * `_http_outgoing.js` of Node 20.20, 22.23, 24.21 and 26.12. Where a version lacks it, the library
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

/** What Node keeps of the connections of a server, for their timeouts. */
interface ConnectionsList {
  idle(): readonly { readonly socket: Socket }[];
}

/**
 * The sockets of a server whose request was read whole, and no byte of a next one. Only Node's parser
 * knows: half a head is not idle. On Node 26 those that never sent a byte are among them. The documented
 * `closeIdleConnections()` asks it, too, and destroys them: with a reset for what is unread, and with a truncated body
 * for an answer that is not flushed.
 *
 * @see https://github.com/nodejs/node/issues/63470
 *
 * @returns undefined where Node does not tell, as for an HTTP/2 server without TLS
 */
export function socketsBetweenRequests(server: object): readonly Socket[] | undefined {
  const key = Object.getOwnPropertySymbols(server).find(
    ({ description }) => description === 'http.server.connections',
  );
  const list = key && (server as Record<symbol, Partial<ConnectionsList> | undefined>)[key];
  if (list?.idle) return list.idle().map(({ socket }) => socket);
  if ('closeIdleConnections' in server) {
    warnOfNode(
      'keeps the connections of a server as nestjs-http-pool does not know it: a stop ends one on which half the head ' +
        'of a request has come',
    );
  }
  return undefined;
}

/** The head of an answer of HTTP/1 as it was sent, line by line; empty before that. */
export function sentHead(answer: ServerResponse): string {
  const { _header: head } = answer as { _header?: string | null };
  // An answer of HTTP/2 has none.
  if (head === undefined && answer instanceof ServerResponse) {
    warnOfNode(
      'keeps the head of an answer elsewhere than nestjs-http-pool looks for it: a stop cuts server-sent events whose ' +
        'type `writeHead` alone was given',
    );
  }
  return head ?? '';
}

/**
 * Has a connection ended in another way when its last answer is handed to the system. Node calls
 * `destroySoon()` then, which is documented, and when it is called is not.
 */
export function endLastAnswerBy(socket: Socket, end: () => void): void {
  socket.destroySoon = end;
}
