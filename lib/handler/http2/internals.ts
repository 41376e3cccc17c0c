import { IncomingMessage, ServerResponse } from 'node:http';

/*
 * What is not of the documented surface of node:http, and is used all the same: the seams at which a
 * message of HTTP/1 meets its socket. Read from `_http_incoming.js`, `_http_outgoing.js` and
 * `_http_server.js` of Node 20.20, 22.23, 24.21 and 26.12; `internals.spec.ts` fails by name where a new version differs.
 */

/** A request, as the parser and the socket of HTTP/1 use it. */
export interface RequestInternals extends IncomingMessage {
  /** Whether the handler has begun to read the body. */
  _consuming: boolean;
  _readableState: { readingMore: boolean };
  upgrade?: boolean;
  /** Takes the fields of the head, and when `complete` is set the trailers. */
  _addHeaderLines(fields: readonly string[], count: number): void;
  /** Reads to its end what nobody reads. */
  _dump(): void;
}

export type Callback = (error?: Error | null) => void;

/** A response, as it is written to the socket of HTTP/1. */
export interface ResponseInternals extends Omit<ServerResponse, 'socket'> {
  socket: ServerResponse['socket'];
  /** The text of the head once it is settled; any text makes `headersSent` true. */
  _header: string | null;
  /** Whether that text has been handed on. */
  _headerSent: boolean;
  /** The length of a body that was given whole. */
  _contentLength: number | null;
  /** False for an answer to HEAD, and for a status that has none. */
  _hasBody: boolean;
  /** The handler has taken `Content-Length` off. */
  _removedContLen: boolean;
  /** What `addTrailers` was given, as lines of a head. */
  _trailer: string;
  _sent100: boolean;
  _closed: boolean;
  /** What waits for a socket. */
  outputData: { data: string; encoding: BufferEncoding; callback: Callback }[];
  /** Settles the head. Called by `writeHead` with the headers that it has put together. */
  _storeHeader(firstLine: string, headers: unknown): void;
  /** Hands bytes on; an empty text with a callback when the answer is at its end. */
  _send(data: string | Uint8Array, encoding?: BufferEncoding | null, callback?: Callback): boolean;
  /** The last step of `end`. */
  _finish(): void;
  /** Writes what waits, and tells who waits for it with `drain`. */
  _flush(): void;
}

/** A socket, as a response of HTTP/1 uses the one that it is assigned to. */
export interface SocketInternals {
  /** The response that has it: a second one is refused, and its last step is done for this one alone. */
  _httpMessage: ServerResponse | null;
  /** Whether a response that ends is not told to be sent. */
  readonly _hadError: boolean;
  /** Its `corked` is set when a response ends, which uncorks by it. */
  readonly _writableState: unknown;
}

const REQUEST_MEMBERS = ['_addHeaderLines', '_dump', '_read', '_destroy'];
const RESPONSE_MEMBERS = [
  '_storeHeader',
  '_send',
  '_finish',
  '_flush',
  '_implicitHeader',
  'writeContinue',
  'writeProcessing',
  'writeEarlyHints',
];

/** What this Node lacks of the above, by name. */
export function missingInternals(
  request: object = IncomingMessage.prototype,
  response: object = ServerResponse.prototype,
): string[] {
  const lacks = (owner: object, names: string[], kind: string): string[] =>
    names
      .filter((name) => typeof Reflect.get(owner, name) !== 'function')
      .map((name) => `${kind}.${name}`);
  return [
    ...lacks(request, REQUEST_MEMBERS, 'IncomingMessage'),
    ...lacks(response, RESPONSE_MEMBERS, 'ServerResponse'),
  ];
}
