import { setImmediate as nextCheck } from 'node:timers/promises';
import type { Connection } from './connection.js';
import { headersOf, nextId, sendBody, type Exchange, type Line, type Message } from './exchange.js';
import { FLAG, FRAME } from './http2/frames.js';
import { encodeHeaders } from './http2/headers.js';
import { Http2Session } from './http2/session.js';
import { Http2Stream } from './http2/stream.js';
import { limits } from '../limits.js';

/**
 * Requests over one HTTP/2 connection, frame by frame. Node's own client can't be used for this: it
 * writes a request some time after it was made, and a GOAWAY that is read in between ends it as a
 * refused stream that nobody has ever sent; and an answer that is here in whole, but not read yet,
 * ends with the connection. Here a request has begun when its headers were written.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9113
 */
export class Http2Line implements Line {
  private readonly session: Http2Session;
  private nextStream = 1;
  private closed = false;

  /** @param onIdleReset The connection was reset while it was kept and no request was open */
  constructor(
    private readonly connection: Connection,
    message: Message,
    private readonly onIdleReset: () => void,
  ) {
    this.session = new Http2Session(connection, message);
    connection.socket.once('end', () => this.ended());
    connection.socket.once('close', () => this.ended());
  }

  get usable(): boolean {
    const { fault, ended } = this.connection;
    return !fault && !ended && !this.session.sentAway && !this.closed;
  }

  async exchange(message: Message): Promise<Exchange | undefined> {
    const reused = this.nextStream > 1;
    // See Http1Line: behind the poll phase, a GOAWAY or a FIN that is here has been seen.
    await nextCheck();
    if (!this.usable) return undefined;
    const stream = this.begin(message, reused);
    const timer = setTimeout(() => stream.fail('timeout'), limits.answerMs);
    const exchange = await stream.outcome;
    clearTimeout(timer);
    this.session.streams.delete(stream.facts.id);
    return exchange;
  }

  close(): void {
    this.closed = true;
    this.connection.close();
  }

  private begin(message: Message, reused: boolean): Http2Stream {
    const { target, begunAt: connectionBegunAt } = this.connection;
    const { session } = this;
    const id = this.nextStream;
    this.nextStream += 2;
    const requestId = nextId(message);
    const windowBytes = session.initialWindow;
    const facts = { id, requestId, message, connectionBegunAt, reused, windowBytes };
    const stream = new Http2Stream(facts);
    session.streams.set(id, stream);
    const headers = encodeHeaders({
      ':method': message.method,
      ':scheme': 'https',
      ':authority': target.url.host,
      ':path': target.path,
      ...headersOf(message, requestId),
    });
    const flags = FLAG.endHeaders | (message.upload ? 0 : FLAG.endStream);
    session.send(FRAME.headers, flags, id, headers);
    if (!message.upload) stream.sent();
    else void sendBody(this.bodyOf(stream), message, () => stream.isOver);
    return stream;
  }

  private bodyOf(stream: Http2Stream) {
    const { session } = this;
    const { id } = stream.facts;
    return {
      async write(piece: Buffer): Promise<void> {
        while (!stream.isOver && !stream.window.take(piece.length)) await stream.window.changed();
        while (!stream.isOver && !session.window.take(piece.length)) {
          await Promise.race([session.window.changed(), stream.outcome]);
        }
        if (!stream.isOver) session.send(FRAME.data, 0, id, piece);
      },
      end(): void {
        if (session.send(FRAME.data, FLAG.endStream, id)) stream.sent();
      },
    };
  }

  private ended(): void {
    const { fault } = this.connection;
    const { streams, sentAway } = this.session;
    const isKept = this.nextStream > 1 && !sentAway && !this.closed;
    if (fault && isKept && streams.size === 0) this.onIdleReset();
    this.closed = true;
    for (const stream of streams.values()) stream.cutOff(fault);
  }
}
