import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { requestLine } from '../../../errors/printable.js';
import { headerBytesOf } from '../../../proxy-protocol/accept-proxied.js';
import type { MovedConnection } from './moved-connection.js';
import { answerOn } from '../node/node-http1.js';
import { isQuiet, PausingConnection } from './request-pauses.js';
import { Pipeline } from './pipeline.js';
import type { ConnectionKind } from '../events/server-events.js';
import { SessionStreams, type OpenStream } from './session-streams.js';

const connectionOf = Symbol('nestjs-http-pool.connection');

interface TaggedSocket {
  [connectionOf]?: Connection;
}

/** Where the connections of a transport are. */
export interface ConnectionTable {
  /** The server that has accepted them. */
  readonly owner: unknown;
  closed(connection: Connection): void;
}

/**
 * Of a connection that never had one, as those of HTTP/1: a set of its own would be 170 bytes more beside the 3.06 KiB that
 * an idle connection takes (`npm run bench -- memory`).
 */
const noStreams: ReadonlySet<OpenStream> = new Set();

/** Of a request. It does nothing where the end is told. */
interface UntoldEnd {
  tellEnd(): void;
}

/** One for all: a drain asks thousands of idle connections what they are owed. */
const nothing: readonly never[] = [];

/**
 * One client connection behind a transport, from the first byte of HTTP on (that is, after the TLS
 * handshake). It carries just enough to tell at drain time what is still owed to the client, so
 * that serving a request costs one look and no listener.
 */
export class Connection extends PausingConnection {
  private currentKind: ConnectionKind = 'http1';
  /** Of HTTP/2. */
  private sessionStreams: SessionStreams | undefined;
  /** Made when the client pipelines. */
  private pipeline: Pipeline | undefined;
  private askedOnce = false;
  private ended: Set<() => void> | undefined;
  private untold: UntoldEnd | undefined;
  private asksNoMore = false;
  private halfOpenAnswered = false;
  private counted: number;
  /** Whole ms: a fraction would be an object of its own. */
  readonly openedAt: number;

  /** @param moved What another process tells that had it before */
  constructor(
    readonly socket: Socket,
    private readonly table: ConnectionTable,
    readonly moved?: MovedConnection,
  ) {
    super();
    this.counted = moved?.requests ?? 0;
    this.openedAt = Math.floor(performance.now()) - (moved?.ageMs ?? 0);
    (socket as TaggedSocket)[connectionOf] = this;
    socket.on('close', onClose);
  }

  get owner(): unknown {
    return this.table.owner;
  }

  get kind(): ConnectionKind {
    return this.currentKind;
  }

  get session(): ServerHttp2Session | undefined {
    return this.sessionStreams?.session;
  }

  /** The open streams of an HTTP/2 session. */
  get streams(): ReadonlySet<OpenStream> {
    return this.sessionStreams?.open ?? noStreams;
  }

  /** Whether an HTTP/2 session has ever had a stream. */
  get hadStreams(): boolean {
    return this.sessionStreams?.hadStreams === true;
  }

  /** The client was told `Connection: close`: what it sends from here on is not ours to process. */
  get isClosing(): boolean {
    return this.asksNoMore;
  }

  /** Whether its client is answered though it has ended its side. */
  get answersHalfOpen(): boolean {
    return this.halfOpenAnswered;
  }

  answerHalfOpen(): void {
    this.halfOpenAnswered = true;
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
    this.currentKind = 'http2';
    this.sessionStreams = new SessionStreams(session, this.openedAt);
  }

  /** A handler has the socket from here on. */
  takeOver(kind: 'upgraded' | 'connect'): void {
    this.currentKind = kind;
  }

  /**
   * A request of HTTP/1 begins. Answers are sent in order.
   *
   * @returns the answer that goes out in front of this one, of a client that pipelines
   */
  begin(response: ServerResponse): ServerResponse | undefined {
    // One that ends with its answer will not be at rest.
    if ((this.restsSince !== undefined || !this.askedOnce) && response.shouldKeepAlive) this.wake();
    this.askedOnce = true;
    const current = answerOn(this.socket);
    if (current === response) {
      // All that was pipelined before has been sent.
      this.pipeline?.clear();
      return undefined;
    }
    const pipeline = (this.pipeline ??= new Pipeline());
    const before = pipeline.newest ?? current;
    pipeline.add(response);
    return before === undefined || !isOwed(before) ? undefined : before;
  }

  /** Whether its client has been at rest for `ms`, and for longer than the pauses that it makes. */
  isQuiet(now: number, ms: number): boolean {
    return isQuiet(this.sessionStreams ?? this, now, ms);
  }

  /** The answer that is being sent over HTTP/1, or is to be sent next. */
  get current(): ServerResponse | undefined {
    if (this.currentKind !== 'http1') return undefined;
    const current = answerOn(this.socket);
    // It is asked of each request of a client that may pipeline thousands: no list of them is made.
    if (current && isOwed(current)) return current;
    return this.pipeline?.first(isOwed);
  }

  /** Whether no request has begun behind this one. */
  isNewest(response: ServerResponse): boolean {
    return (this.pipeline?.newest ?? answerOn(this.socket)) === response;
  }

  /** Whether a request of HTTP/1 has ever begun on it. */
  get hasAsked(): boolean {
    return this.askedOnce;
  }

  /** Whether nothing has come on it, or nothing but a PROXY header. */
  get isSilent(): boolean {
    return this.socket.bytesRead === headerBytesOf(this.socket);
  }

  /** Whether its client has ever sent a request before it had the answer to the one before. */
  get hasPipelined(): boolean {
    return this.pipeline !== undefined;
  }

  /** Whether it waited behind another answer when it was begun, and is not sent yet. */
  isPipelined(response: ServerResponse): boolean {
    return this.pipeline?.has(response) === true;
  }

  /** Calls back when the connection is gone, unless it is told to forget it before. */
  onceGone(tell: () => void): void {
    (this.ended ??= new Set()).add(tell);
  }

  forget(tell: () => void): void {
    this.ended?.delete(tell);
  }

  /** The end of a request that waits behind none is told with the next such one, or when the connection is gone, at the latest. */
  tellsEndOf(request: UntoldEnd): void {
    this.untold?.tellEnd();
    this.untold = request;
  }

  /** Learns the end of its socket, be it that a handler has removed the listener for it. */
  awaitEnd(): void {
    const { socket } = this;
    if (socket.closed) this.gone();
    else if (!socket.listeners('close').includes(onClose)) socket.on('close', onClose);
  }

  /** Its socket is closed. */
  gone(): void {
    const { ended } = this;
    this.ended = undefined;
    ended?.forEach((tell) => tell());
    this.untold?.tellEnd();
    this.table.closed(this);
  }

  /** Responses that were begun and are not yet handed to the system whole. */
  owed(): readonly ServerResponse[] {
    return this.currentKind === 'http1' ? this.unsent() : nothing;
  }

  /** The last of the answers that go out in front of an upgrade, be it that a handler has the socket by now. */
  get inFront(): ServerResponse | undefined {
    return this.unsent().at(-1);
  }

  private unsent(): readonly ServerResponse[] {
    const { pipeline } = this;
    const current = answerOn(this.socket);
    if (pipeline === undefined) return current && isOwed(current) ? [current] : nothing;
    const all = [...pipeline];
    if (current && !pipeline.has(current)) all.unshift(current);
    return all.filter(isOwed);
  }

  open(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    options: { isPushed: boolean },
  ): void {
    // When it has closed, the socket of its request is the stream itself: it tells where it came from all the same.
    (stream as TaggedSocket)[connectionOf] = this;
    this.sessionStreams?.add(stream, headers, options);
  }

  /** Since when an HTTP/2 session has no stream; undefined while it has. */
  get streamlessSince(): number | undefined {
    return this.sessionStreams?.streamlessSince;
  }

  /** What is asked for and not answered, as method and path. */
  asked(): string[] {
    const streams = [...this.streams].map(({ headers }) =>
      requestLine({ method: headers[':method'], url: headers[':path'] }),
    );
    return [...this.owed().map(({ req }) => requestLine(req)), ...streams];
  }

  get inFlight(): number {
    return this.currentKind === 'http2' ? this.streams.size : this.owed().length;
  }
}

/** One function for all connections. */
function onClose(this: Socket): void {
  (this as TaggedSocket)[connectionOf]?.gone();
}

/** As long as it can't be told, for its handler has put something in the place of what tells it, it is. */
function isOwed(response: ServerResponse): boolean {
  try {
    return !response.writableFinished && !response.destroyed;
  } catch {
    return true;
  }
}

/** The connection that a request came in on; also through the socket proxy of HTTP/2. */
export function findConnection(request: Pick<IncomingMessage, 'socket'>): Connection | undefined {
  return (request.socket as unknown as TaggedSocket | undefined)?.[connectionOf];
}
