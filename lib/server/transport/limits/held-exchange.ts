import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Connection } from '../connection/connection.js';
import { destroySocket } from '../connection/own-methods.js';
import { isSending } from '../connection/session-streams.js';
import { answerOn } from '../node/node-http1.js';
import {
  countReceived,
  countSent,
  pieceBytes,
  takenBytes,
  unsentBytes,
} from '../node/node-http2.js';
import { acceptedSocketOf } from '../node/node-tls.js';
import { http2StreamOf } from '../answer/http2-stream.js';
import { answerTimeout } from '../answer/timeout-answer.js';
import { byThePiece, TransferRate, type LeastRate } from './transfer-rate.js';

/** Which half of an exchange a client is too slow in. */
export type SlowSide = 'request' | 'response';

/** What clients must come up to; undefined: any rate is right. */
export type LeastRates = Readonly<Record<SlowSide, LeastRate | undefined>>;

/** A request and its answer, whose client is held to the rates of the config. */
export class HeldExchange {
  private readonly receiving = new TransferRate();
  private readonly sending = new TransferRate();
  private readonly stream: ServerHttp2Stream | undefined;
  private readonly received: () => number;
  /** Over HTTP/2: of its stream alone. */
  private readonly streamSending = new TransferRate();
  /** Over HTTP/2, where the client is held to a rate: what the system has taken of the answer, by the piece. */
  private readonly sent: (() => number) | undefined;
  /** Beneath TLS: what it keeps is what the client has not read. */
  private readonly raw: Socket;
  /** What the system had taken of the whole connection at the last two looks. */
  private taken: [before: number | undefined, now: number | undefined] = [undefined, undefined];
  /** What had come when the client was not yet asked for the body. */
  private unaskedAt: number | undefined;

  constructor(
    private readonly connection: Connection,
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    { isAsked, isRead }: { isAsked: boolean; isRead: boolean },
  ) {
    const { socket } = connection;
    this.stream = http2StreamOf(response);
    this.raw = acceptedSocketOf(socket as TLSSocket) ?? socket;
    this.received =
      this.stream && !this.stream.endAfterHeaders
        ? countReceived(this.stream)
        : () => socket.bytesRead;
    if (this.stream && isRead) this.sent = countSent(this.stream);
    if (!isAsked) this.unaskedAt = this.received();
  }

  /** The address of the client. */
  get from(): string | undefined {
    return this.connection.socket.remoteAddress;
  }

  /** Nothing more is to come or to go. */
  get isOver(): boolean {
    const { stream, response } = this;
    if (stream) return stream.destroyed || (stream.writableFinished && !isSending(stream));
    if (this.connection.socket.destroyed) return true;
    return (response.writableFinished || response.destroyed) && !this.awaitsBody;
  }

  /** Which side has been too slow, up to now. */
  slowSide({ request, response }: LeastRates, at: number): SlowSide | undefined {
    if (request === undefined || !this.isReceiving) this.receiving.reset();
    else if (this.receiving.isBelow(request, { at, bytes: this.received() })) return 'request';
    return response && this.isReadBelow(response, at) ? 'response' : undefined;
  }

  /**
   * Over HTTP/2 what leaves the connection may be of other streams, or answer PINGs: where it is too little in all it
   * is too little of this stream at once, and else by what is known of the stream alone.
   */
  private isReadBelow(least: LeastRate, at: number): boolean {
    const taken = takenBytes(this.raw);
    if (this.stream) this.taken = [this.taken[1], taken];
    const bytes = this.isAwaited ? taken : undefined;
    if (bytes === undefined) {
      this.sending.reset();
      this.streamSending.reset();
      return false;
    }
    const ofStream = this.sent && { at, bytes: this.sent() };
    const isStreamBelow =
      ofStream && this.streamSending.isBelow(byThePiece(least, pieceBytes), ofStream);
    return this.sending.isBelow(least, { at, bytes }) || isStreamBelow === true;
  }

  cut(side: SlowSide): void {
    if (side === 'request') return answerTimeout(this.connection, this.response);
    const { stream, connection } = this;
    if (stream && !this.isStuck) return stream.close(constants.NGHTTP2_CANCEL);
    connection.session?.destroy();
    destroySocket(connection.socket);
  }

  /** A connection that is not read at all lets no other stream through either. */
  private get isStuck(): boolean {
    const [before, now] = this.taken;
    return Boolean(unsentBytes(this.raw)) && now === before;
  }

  private get awaitsBody(): boolean {
    const { stream, request } = this;
    return stream ? isSending(stream) : !request.complete && !request.destroyed;
  }

  /** The client has more to send, was asked for it, and nothing keeps it from sending. */
  private get isReceiving(): boolean {
    if (!this.awaitsBody || this.isBehindAnother) return false;
    if (this.unaskedAt === this.received()) return false;
    this.unaskedAt = undefined;
    const { stream } = this;
    if (!isWelcome(stream ?? this.request)) return false;
    return stream === undefined || hasWindow(stream);
  }

  /** Of a client that pipelines: the answer in front must not be lost, and a 408 would be taken for it. */
  private get isBehindAnother(): boolean {
    const current = this.stream ? undefined : answerOn(this.connection.socket);
    return current !== undefined && current !== this.response;
  }

  /** Bytes of this answer wait for the client. */
  private get isAwaited(): boolean {
    const { stream, connection, response } = this;
    if (stream) return !stream.destroyed && stream.writableLength > 0;
    return connection.current === response && Boolean(unsentBytes(this.raw));
  }
}

/** The handler may be slow, or wait for something else before it reads: that is not its client's fault. */
function isWelcome(body: Readable): boolean {
  // Whoever listens for 'readable' has it paused for good, and reads all the same.
  const isHeld = body.isPaused() && body.listenerCount('readable') === 0;
  return !isHeld && body.readableLength < body.readableHighWaterMark;
}

function hasWindow({ state, session }: ServerHttp2Stream): boolean {
  const { localWindowSize: ofStream = 1 } = state;
  const { localWindowSize: ofSession = 1 } = session?.state ?? {};
  return ofStream > 0 && ofSession > 0;
}
