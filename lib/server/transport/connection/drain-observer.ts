import type { ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Connection } from './connection.js';

/** What a drain needs to be told of while it goes on. */
export interface DrainObserver {
  /** A request of HTTP/1 begins, whose answer closes its connection where it is the last. */
  request(connection: Connection, response: ServerResponse): void;
  /** A request of HTTP/2 begins; `dispatch` hands it to the handler. */
  streamRequest(connection: Connection, response: ServerResponse, dispatch: () => void): void;
  stream(stream: ServerHttp2Stream): void;
  /** A socket is gone. */
  gone(): void;
}
