import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

/** What a connection is at this moment, and under which name a cut of it is reported. */
export type ConnectionKind = 'http1' | 'http2' | 'upgraded' | 'connect';

const connectionOf = Symbol('nestjs-http-pool.connection');

interface TaggedSocket {
  [connectionOf]?: Connection;
}

/** Of a connection that never had one, as those of HTTP/1. */
const noStreams: ReadonlySet<ServerHttp2Stream> = new Set();

/**
 * One client connection behind a transport, from the first byte of HTTP on (that is, after the TLS
 * handshake). It carries just enough to tell at drain time what is still owed to the client, so
 * that serving a request costs two assignments and no listener.
 */
export class Connection {
  kind: ConnectionKind = 'http1';
  /** The newest response; answers are sent in order, so the last one ends the pipeline. */
  last: ServerResponse | undefined;
  /** Unfinished responses in front of `last`, kept only while the client pipelines. */
  private earlier: ServerResponse[] | undefined;
  session: ServerHttp2Session | undefined;
  /** The open streams of an HTTP/2 session. */
  streams: ReadonlySet<ServerHttp2Stream> = noStreams;
  /** Called when the last open stream has closed. */
  onStreamless: (() => void) | undefined;
  /** Whether an HTTP/2 session has ever had a stream. */
  hadStreams = false;
  /** The client was told `Connection: close`: what it sends from here on is not ours to process. */
  closing = false;
  readonly openedAt = performance.now();

  constructor(
    readonly socket: Socket,
    readonly owner: unknown,
  ) {
    (socket as TaggedSocket)[connectionOf] = this;
  }

  begin(response: ServerResponse): void {
    const { last } = this;
    if (last !== undefined && isOwed(last)) {
      this.earlier = (this.earlier ?? []).filter(isOwed);
      this.earlier.push(last);
    } else {
      this.earlier = undefined;
    }
    this.last = response;
  }

  /** Responses that were begun and are not yet handed to the system whole. */
  owed(): ServerResponse[] {
    const { last } = this;
    if (this.kind !== 'http1' || last === undefined) return [];
    return [...(this.earlier ?? []), last].filter(isOwed);
  }

  open(stream: ServerHttp2Stream): void {
    const streams = this.hadStreams
      ? (this.streams as Set<ServerHttp2Stream>)
      : new Set<ServerHttp2Stream>();
    this.streams = streams.add(stream);
    this.hadStreams = true;
    stream.once('close', () => {
      streams.delete(stream);
      if (streams.size === 0) this.onStreamless?.();
    });
  }

  get inFlight(): number {
    return this.kind === 'http2' ? this.streams.size : this.owed().length;
  }
}

function isOwed(response: ServerResponse): boolean {
  return !response.writableFinished && !response.destroyed;
}

/** The connection that a request came in on; also through the socket proxy of HTTP/2. */
export function findConnection(request: Pick<IncomingMessage, 'socket'>): Connection | undefined {
  return (request.socket as unknown as TaggedSocket | undefined)?.[connectionOf];
}
