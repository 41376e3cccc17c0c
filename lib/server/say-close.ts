import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';

type WriteHead = (this: ServerResponse, ...args: unknown[]) => ServerResponse;

/**
 * Makes a response say `Connection: close`, whatever its handler sets. The decision falls when the
 * head is written and not before: with a second request pipelined behind this one, Node would end
 * the socket after the first answer and drop the other, so `isLast` is asked then.
 *
 * `writeHead` is the one place that explicit and implicit heads both pass through. Setting
 * `shouldKeepAlive` alone is undone by a handler's own `Connection` header.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-9.6
 */
export function sayClose(response: ServerResponse, isLast: () => boolean, said: () => void): void {
  if (response.headersSent) return;
  // oxlint-disable-next-line typescript/unbound-method -- called with its response below
  const original = response.writeHead as unknown as WriteHead;
  const replacement: WriteHead = function (...args) {
    if (this.headersSent || !isLast()) return original.apply(this, args);
    said();
    this.shouldKeepAlive = false;
    this.setHeader('Connection', 'close');
    return original.apply(this, args.map(withoutConnection));
  };
  response.writeHead = replacement as ServerResponse['writeHead'];
}

/** Takes a `Connection` header out of any of the forms that `writeHead` accepts. */
function withoutConnection(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null) return arg;
  return Array.isArray(arg) ? withoutPair(arg as unknown[]) : withoutField(arg);
}

function withoutField(headers: object): OutgoingHttpHeaders {
  const kept = Object.entries(headers as OutgoingHttpHeaders).filter(
    ([name]) => !isConnection(name),
  );
  return Object.fromEntries(kept);
}

function withoutPair(headers: unknown[]): unknown[] {
  if (headers.every(Array.isArray)) {
    return (headers as OutgoingHttpHeader[][]).filter((pair) => !isConnection(pair[0]));
  }
  const kept: unknown[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!isConnection(headers[i])) kept.push(headers[i], headers[i + 1]);
  }
  return kept;
}

function isConnection(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === 'connection';
}
