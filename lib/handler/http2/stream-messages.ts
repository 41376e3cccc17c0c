import type { OutgoingHttpHeaders } from 'node:http';
import type { Http2ServerResponse, ServerHttp2Stream } from 'node:http2';
import type { Callback, RequestInternals, ResponseInternals } from './internals.js';

/** A request of a stream, in the form of HTTP/1. */
export interface StreamRequest extends RequestInternals {
  /** As Node's HTTP/2 requests have them. */
  stream: ServerHttp2Stream;
  authority: string;
  scheme: string;
}

/** Node's response to the same stream, which learns what becomes of it from the one of HTTP/1. */
export const original = Symbol('nestjs-http-pool.original');
/** The head that waits for the first byte of the body, or for the end. */
export const head = Symbol('nestjs-http-pool.head');
/** The handler has called `end`. */
export const ending = Symbol('nestjs-http-pool.ending');
/** To be called when the whole answer is handed to the system. */
export const flushed = Symbol('nestjs-http-pool.flushed');
/** Whether the stream's `drain` is listened to. */
export const draining = Symbol('nestjs-http-pool.draining');

/** The response to a stream, in the form of HTTP/1. */
export interface StreamResponse extends ResponseInternals {
  /** As Node's HTTP/2 responses have it. */
  stream: ServerHttp2Stream;
  [original]: Http2ServerResponse;
  [head]: OutgoingHttpHeaders | undefined;
  [ending]: boolean;
  [flushed]: Callback | undefined;
  [draining]: boolean;
}

/** By which the listeners of a stream find its messages: they are shared by all. */
export const requestOf = Symbol('nestjs-http-pool.request');
export const responseOf = Symbol('nestjs-http-pool.response');

export type MessageStream = ServerHttp2Stream & {
  [requestOf]?: StreamRequest;
  [responseOf]?: StreamResponse;
};
