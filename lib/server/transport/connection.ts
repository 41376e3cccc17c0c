import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { MovedConnection } from './moved-connection.js';
import { answerOn } from './node-http1.js';
import type { ConnectionKind } from './server-events.js';

const connectionOf = Symbol('nestjs-http-pool.connection');

interface TaggedSocket {
  [connectionOf]?: Connection;
}

/** A stream that is open, and its request. */
export interface OpenStream {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly openedAt: number;
}

/** Of a connection that never had one, as those of HTTP/1. */
const noStreams: ReadonlySet<OpenStream> = new Set();

/**
 * One client connection behind a transport, from the first byte of HTTP on (that is, after the TLS
 * handshake). It carries just enough to tell at drain time what is still owed to the client, so
 * that serving a request costs one look and no listener.
 */
export class Connection {
  private nowKind: ConnectionKind = 'http1';
  private nowSession: ServerHttp2Session | undefined;
  private openStreams = noStreams;
  /** The answers behind the one that is being sent, kept only while the client pipelines. */
  private pipelined: Set<ServerResponse> | undefined;
  private newest: ServerResponse | undefined;
  private askedOnce = false;
  private pipelinedOnce = false;
  private ended: Set<() => void> | undefined;
  private asksNoMore = false;
  private counted: number;
  /** Whole ms: a fraction would be an object of its own. */
  readonly openedAt: number;
  private lastStreamAt: number | undefined;

  /** @param moved What another process tells that had it before */
  constructor(
    readonly socket: Socket,
    readonly owner: unknown,
    readonly moved?: MovedConnection,
  ) {
    this.counted = moved?.requests ?? 0;
    this.openedAt = Math.floor(performance.now()) - (moved?.ageMs ?? 0);
    (socket as TaggedSocket)[connectionOf] = this;
  }

  get kind(): ConnectionKind {
    return this.nowKind;
  }

  get session(): ServerHttp2Session | undefined {
    return this.nowSession;
  }

  /** The open streams of an HTTP/2 session. */
  get streams(): ReadonlySet<OpenStream> {
    return this.openStreams;
  }

  /** Whether an HTTP/2 session has ever had a stream. */
  get hadStreams(): boolean {
    return this.openStreams !== noStreams;
  }

  /** The client was told `Connection: close`: what it sends from here on is not ours to process. */
  get isClosing(): boolean {
    return this.asksNoMore;
  }

  refuseRequests(): void {
    this.asksNoMore = true;
  }

  /** It was refused what did not come, and is served as before. */
  takeRequests(): void {
    this.asksNoMore = false;
  }

  /** How many requests were counted. */
  get requests(): number {
    return this.counted;
  }

  /** How many requests were counted, this one included: they are while a limit asks for it. */
  countRequest(): number {
    this.counted += 1;
    return this.counted;
  }

  becomeSession(session: ServerHttp2Session): void {
    this.nowKind = 'http2';
    this.nowSession = session;
  }

  /** A handler has the socket from here on. */
  takeOver(kind: 'upgraded' | 'connect'): void {
    this.nowKind = kind;
  }

  /**
   * A request of HTTP/1 begins. Answers are sent in order.
   *
   * @returns the answer that goes out in front of this one, of a client that pipelines
   */
  begin(response: ServerResponse): ServerResponse | undefined {
    this.askedOnce = true;
    const current = answerOn(this.socket);
    if (current === response) {
      // All that was pipelined before has been sent.
      this.pipelined = this.newest = undefined;
      return undefined;
    }
    this.pipelinedOnce = true;
    const before = this.newest ?? current;
    const pipelined = (this.pipelined ??= new Set());
    pipelined.add(response);
    this.newest = response;
    response.once('close', () => pipelined.delete(response));
    return before === undefined || !isOwed(before) ? undefined : before;
  }

  /** The answer that is being sent over HTTP/1, or is to be sent next. */
  get current(): ServerResponse | undefined {
    return this.nowKind === 'http1' ? this.owed()[0] : undefined;
  }

  /** Whether no request has begun behind this one. */
  isNewest(response: ServerResponse): boolean {
    return (this.newest ?? answerOn(this.socket)) === response;
  }

  /** Whether a request of HTTP/1 has ever begun on it. */
  get hasAsked(): boolean {
    return this.askedOnce;
  }

  /** Whether its client has ever sent a request before it had the answer to the one before. */
  get hasPipelined(): boolean {
    return this.pipelinedOnce;
  }

  /** Whether it waited behind another answer when it was begun, and is not sent yet. */
  isPipelined(response: ServerResponse): boolean {
    return this.pipelined?.has(response) === true;
  }

  /** Calls back when the connection is gone, unless it is told to forget it before. */
  onceGone(tell: () => void): void {
    (this.ended ??= new Set()).add(tell);
  }

  forget(tell: () => void): void {
    this.ended?.delete(tell);
  }

  /** Its socket is closed. */
  gone(): void {
    const { ended } = this;
    this.ended = undefined;
    ended?.forEach((tell) => tell());
  }

  /** Responses that were begun and are not yet handed to the system whole. */
  owed(): ServerResponse[] {
    if (this.nowKind !== 'http1') return [];
    const { pipelined } = this;
    const current = answerOn(this.socket);
    if (current === undefined && pipelined === undefined) return [];
    const all = pipelined ? [...pipelined] : [];
    if (current && pipelined?.has(current) !== true) all.unshift(current);
    return all.filter(isOwed);
  }

  open(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const streams = this.hadStreams ? (this.openStreams as Set<OpenStream>) : new Set<OpenStream>();
    const opened = { stream, headers, openedAt: performance.now() };
    this.openStreams = streams.add(opened);
    stream.once('close', () => {
      streams.delete(opened);
      if (streams.size === 0) this.lastStreamAt = performance.now();
    });
  }

  /** Since when an HTTP/2 session has no stream; undefined while it has. */
  get streamlessSince(): number | undefined {
    return this.openStreams.size > 0 ? undefined : (this.lastStreamAt ?? this.openedAt);
  }

  /** What is asked for and not answered, as method and path. */
  asked(): string[] {
    const streams = [...this.openStreams].map(
      ({ headers }) => `${headers[':method']} ${withoutQuery(headers[':path'])}`,
    );
    return [...this.owed().map(({ req }) => `${req.method} ${withoutQuery(req.url)}`), ...streams];
  }

  get inFlight(): number {
    return this.nowKind === 'http2' ? this.openStreams.size : this.owed().length;
  }
}

function isOwed(response: ServerResponse): boolean {
  return !response.writableFinished && !response.destroyed;
}

/** The connection that a request came in on; also through the socket proxy of HTTP/2. */
export function findConnection(request: Pick<IncomingMessage, 'socket'>): Connection | undefined {
  return (request.socket as unknown as TaggedSocket | undefined)?.[connectionOf];
}

/** A query may hold what is not to be logged. */
function withoutQuery(url = ''): string {
  return url.split('?', 1)[0] as string;
}
