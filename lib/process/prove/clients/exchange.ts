import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { limits } from '../limits.js';
import type { Kind } from '../kinds.js';

/** One request as a client sends it. */
export interface Message {
  readonly method: 'GET' | 'POST';
  /** Sent in pieces, with a pause before each. */
  readonly upload?: {
    readonly pieces: number;
    readonly pieceBytes: number;
    readonly gapMs: number;
  };
  /** Tries what the application can take; not counted. */
  readonly isProbe?: true;
  /** Reads the answer with pauses. */
  readonly slowly?: true;
}

/** How much of a message went over. */
export type Share = 'nothing' | 'part' | 'all';

/** What became of a request, or of a connection that was to carry one. Times by `performance.now()`. */
export interface Exchange {
  /** Not there: it was answered whole, with less than 500. */
  readonly lost?: Kind;
  /** What the request carries as `x-request-id`, for the application's log to be searched by. */
  readonly id?: string;
  readonly beganAt: number;
  readonly endedAt: number;
  readonly connectionBegunAt: number;
  /** What left of the request. */
  readonly sent: Share;
  /** What came of the answer. */
  readonly received: Share;
  /** What Node said. */
  readonly error?: Error | undefined;
}

/**
 * A connection that carries requests. A request that could not be begun, since the connection had
 * ended before a byte of it was written, is no loss: `exchange` then resolves to nothing.
 */
export interface Line {
  /** May carry another request. */
  readonly usable: boolean;
  exchange(message: Message): Promise<Exchange | undefined>;
  close(): void;
}

let lastId = 0;

/** An id for a request; other runs have others. */
export function nextId({ isProbe }: Message): string {
  lastId += 1;
  return `${isProbe ? 'probe' : 'prove'}-${process.pid}-${lastId}`;
}

export function headersOf({ upload }: Message, id: string): Record<string, string> {
  if (!upload) return { 'x-request-id': id };
  return {
    'x-request-id': id,
    'content-type': 'application/octet-stream',
    'content-length': String(upload.pieces * upload.pieceBytes),
  };
}

/** Writes the body, and ends the request; gives up when `isOver`. */
export async function sendBody(
  body: { write(chunk: Buffer): Promise<void> | boolean; end(): unknown },
  { upload }: Message,
  isOver: () => boolean,
): Promise<void> {
  for (let piece = 0; upload && piece < upload.pieces; piece += 1) {
    await delay(upload.gapMs);
    if (isOver()) return;
    await body.write(Buffer.alloc(upload.pieceBytes, 'x'));
  }
  if (!isOver()) body.end();
}

/** Reads and drops the answer. */
export function readAnswer(answer: Readable, { slowly }: Message): void {
  if (!slowly) {
    answer.resume();
    return;
  }
  const until = performance.now() + limits.slowReadMs;
  const rest = (): void => {
    answer.pause();
    setTimeout(() => answer.resume(), limits.slowReadGapMs);
  };
  answer.on('data', () => {
    if (performance.now() < until) rest();
  });
  rest();
}
