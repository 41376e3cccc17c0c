import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';

const closing = Symbol('nestjs-http-pool.closing');

interface ClosingResponse {
  [closing]?: { isLast(): boolean; said(): void };
}

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
  (response as ClosingResponse)[closing] = { isLast, said };
  // oxlint-disable-next-line typescript/unbound-method -- called with its response below
  const original = response.writeHead as unknown as WriteHead;
  const replacement: WriteHead = function (...args) {
    if (this.headersSent || !isLast()) return original.apply(this, args);
    said();
    this.shouldKeepAlive = false;
    const last = args.at(-1);
    if (typeof last === 'object' && last !== null) args[args.length - 1] = withClose(last);
    else this.setHeader('Connection', 'close');
    return original.apply(this, args);
  };
  response.writeHead = replacement as ServerResponse['writeHead'];
}

/** The same for an answer that is written without the response's own `writeHead`: its header. */
export function closeHeader(response: ServerResponse): { Connection?: 'close' } {
  const { [closing]: answer } = response as ClosingResponse;
  if (answer?.isLast() !== true) return {};
  answer.said();
  return { Connection: 'close' };
}

/**
 * The headers with `Connection: close`, in the form they came in. A `setHeader` beside them would
 * turn Node to another way of reading them, which drops all but the last of repeated names and
 * refuses a list of pairs.
 */
function withClose(headers: object): OutgoingHttpHeaders | unknown[] {
  if (!Array.isArray(headers)) return { ...withoutField(headers), Connection: 'close' };
  if (Array.isArray(headers[0])) return [...withoutPair(headers), ['Connection', 'close']];
  return [...withoutName(headers), 'Connection', 'close'];
}

function withoutField(headers: object): OutgoingHttpHeaders {
  const kept = Object.entries(headers as OutgoingHttpHeaders).filter(
    ([name]) => !isConnection(name),
  );
  return Object.fromEntries(kept);
}

function withoutPair(headers: OutgoingHttpHeader[][]): OutgoingHttpHeader[][] {
  return headers.filter((pair) => !isConnection(pair[0]));
}

function withoutName(headers: unknown[]): unknown[] {
  const kept: unknown[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    if (!isConnection(headers[i])) kept.push(...headers.slice(i, i + 2));
  }
  return kept;
}

function isConnection(name: unknown): boolean {
  return typeof name === 'string' && name.toLowerCase() === 'connection';
}
