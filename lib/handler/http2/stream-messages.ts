import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
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
  private head: OutgoingHttpHeaders | undefined = undefined;
  private ending = false;
  private finished = false;
  private awaitsDrain = false;
  private closed = false;
  private onFlushed: Callback | undefined = undefined;

  constructor(
    /** Node's response to the same stream, which learns what becomes of it from the one of HTTP/1. */
    readonly original: Http2ServerResponse,
    /** Both kept here, for a handler may take them off the response. */
    readonly request: StreamRequest,
    readonly socket: Socket,
  ) {}

  /** Whether the answer is handed to the system whole. */
  get isAnswered(): boolean {
    return this.finished;
  }

  answered(): void {
    this.finished = true;
  }

  /** Whether the handler's call of `end` is under way. */
  get isEnding(): boolean {
    return this.ending;
  }

  beginEnd(): void {
    this.ending = true;
  }

  endReturned(): void {
    this.ending = false;
  }

  /** Keeps the head until the first byte of the body, or the end. */
  keepHead(headers: OutgoingHttpHeaders): void {
    this.head = headers;
  }

  takeHead(): OutgoingHttpHeaders {
    const { head } = this;
    this.head = undefined;
    return head as OutgoingHttpHeaders;
  }

  /** Calls back when the whole answer is handed to the system. */
  onceFlushed(callback: Callback | undefined): void {
    this.onFlushed = callback;
  }

  /** The whole answer is handed to the system. */
  flushed(): void {
    const { onFlushed } = this;
    this.onFlushed = undefined;
    onFlushed?.();
  }

  /** @returns false when it was closed before */
  close(): boolean {
    const { closed } = this;
    this.closed = true;
    return !closed;
  }

  /** @returns whether the stream's `drain` is listened to already; it is to be from here on */
  awaitDrain(): boolean {
    const { awaitsDrain } = this;
    this.awaitsDrain = true;
    return awaitsDrain;
  }
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
