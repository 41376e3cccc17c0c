import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { RequestPauses } from './request-pauses.js';

/** A stream that is open, and its request. */
export interface OpenStream {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly openedAt: number;
  /** Nobody has asked for it: the handler of another one has begun it. */
  readonly isPushed: boolean;
}

/** The streams of an HTTP/2 session. */
export class SessionStreams implements RequestPauses {
  readonly open = new Set<OpenStream>();
  private lastClosedAt: number | undefined;
  private hadSome = false;
  private longestMs = 0;

  constructor(
    readonly session: ServerHttp2Session,
    private readonly openedAt: number,
  ) {}

  /** Whether there has ever been one. */
  get hadStreams(): boolean {
    return this.hadSome;
  }

  add(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    { isPushed }: { isPushed: boolean },
  ): void {
    const openedAt = performance.now();
    const opened = { stream, headers, openedAt, isPushed };
    if (this.open.size === 0) {
      this.longestMs = Math.max(this.longestMs, openedAt - (this.lastClosedAt ?? openedAt));
    }
    this.open.add(opened);
    this.hadSome = true;
    stream.once('close', () => {
      this.open.delete(opened);
      if (this.open.size === 0) this.lastClosedAt = performance.now();
    });
  }

  get restsSince(): number | undefined {
    return this.streamlessSince;
  }

  /** The longest time without a stream, between two of them. */
  get longestPauseMs(): number {
    return this.longestMs;
  }

  /** Since when there is none; undefined while there is one. */
  get streamlessSince(): number | undefined {
    return this.open.size > 0 ? undefined : (this.lastClosedAt ?? this.openedAt);
  }
}

/** The end of its request has not come. */
export function isSending(stream: ServerHttp2Stream): boolean {
  return !stream.destroyed && stream.state.remoteClose === 0;
}
