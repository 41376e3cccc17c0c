import type { IncomingMessage, ServerResponse } from 'node:http';
import { withoutOrigin } from '../handler/request-target.js';

/** What a path of the management server answers. */
export interface Answer {
  readonly status: number;
  /** The `Content-Type`. */
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Not for the pages of others, and not guessed at. */
export const OURS_ALONE = {
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
} as const;

/**
 * What operators are told is true for a moment, and is nobody's document: it is never kept, guessed
 * at or shown in a frame.
 */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  ...OURS_ALONE,
};

/** One request and its answer. */
export class Exchange {
  /** As it was sent: what is encoded stays so, and is no path of ours. */
  readonly path: string;
  private readonly search: string;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
  ) {
    const target = withoutOrigin(request.url ?? '');
    const end = target.indexOf('?');
    this.path = end < 0 ? target : target.slice(0, end);
    this.search = end < 0 ? '' : target.slice(end + 1);
  }

  /** Read when it is asked for: most requests are not for us, or have none. */
  get query(): URLSearchParams {
    return new URLSearchParams(this.search);
  }

  /** Answers; to HEAD with the same headers and no body. A client that is gone is told nothing. */
  send({ status, type, body, headers }: Answer): void {
    const { request, response } = this;
    if (response.headersSent || response.destroyed) return;
    response.writeHead(status, {
      ...HEADERS,
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      ...headers,
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }
}

export const TEXT = 'text/plain; charset=utf-8';
const JSON_TEXT = 'application/json; charset=utf-8';

export function textAnswer(
  status: number,
  body: string,
  headers: Record<string, string> = {},
): Answer {
  return { status, type: TEXT, body: `${body}\n`, headers };
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, type: JSON_TEXT, body: JSON.stringify(value) };
}
