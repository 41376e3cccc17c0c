import type { RequestListener } from 'node:http';
import type { PoolLogger } from '../../lib/index.js';
import { gate, type Gate } from './events.js';

/** Where the servers of the tests listen. */
export const LOOPBACK = '127.0.0.1:0';

/** Answers every request with the same text. */
export function says(text: string): RequestListener {
  return (_request, response) => void response.end(text);
}

/** Answers with what was sent. */
export const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.once('end', () => {
    response.setHeader('x-method', request.method ?? '');
    response.end(Buffer.concat(chunks));
  });
};

/** Holds every answer until it is told to let go. */
export interface HeldHandler {
  readonly handler: RequestListener;
  /** Opens when the first request is in the handler. */
  readonly entered: Gate;
  readonly release: Gate;
}

export function held(text: string): HeldHandler {
  const entered = gate();
  const release = gate();
  const handler: RequestListener = (_request, response) => {
    entered.open();
    void release.opened.then(() => response.end(text));
  };
  return { handler, entered, release };
}

/** Keeps what is logged. */
export class Journal implements PoolLogger {
  readonly lines: string[] = [];
  log = (message: string): void => void this.lines.push(`log ${message}`);
  warn = (message: string): void => void this.lines.push(`warn ${message}`);
  error = (message: string): void => void this.lines.push(`error ${message}`);

  matching(pattern: RegExp): string[] {
    return this.lines.filter((line) => pattern.test(line));
  }
}
