import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Stream } from 'node:http2';
import type { Callback, RequestInternals, ResponseInternals } from './internals.js';

/** A request of a stream, in the form of HTTP/1. */
export interface StreamRequest extends RequestInternals {
  /** As Node's HTTP/2 requests have them. */
  stream: ServerHttp2Stream;
  authority: string;
  scheme: string;
}

/** What a response of HTTP/1 needs to know to be written to a stream. */
export class StreamAnswer {
  /** The head that waits for the first byte of the body, or for the end. */
  head: OutgoingHttpHeaders | undefined = undefined;
  /** The handler has called `end`. */
  isEnding = false;
  /** Whether the stream's `drain` is listened to. */
  isDraining = false;
  /** To be called when the whole answer is handed to the system. */
  flushed: Callback | undefined = undefined;

  constructor(
    /** Node's response to the same stream, which learns what becomes of it from the one of HTTP/1. */
    readonly original: Http2ServerResponse,
  ) {}
}

/** The response to a stream, in the form of HTTP/1. */
export interface StreamResponse extends ResponseInternals {
  /** As Node's HTTP/2 responses have it. */
  stream: ServerHttp2Stream;
  /**
   * One property with a plain name. Symbols, by which several could be hidden, make V8 take a message
   * of Node's for a dictionary: each request would cost half as much again.
   */
  _http2: StreamAnswer;
}

interface Linked {
  _http1?: IncomingMessage;
}

/** Has {@link asServed} find the request in the form of HTTP/1 from Node's of HTTP/2. */
export function linkServed(request: object, served: IncomingMessage): void {
  (request as Linked)._http1 = served;
}

/** The request as its handler was given it, which knows what was made of it: its route, say. */
export function asServed(request: IncomingMessage): IncomingMessage {
  return (request as Linked)._http1 ?? request;
}
