import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { setImmediate as nextCheck } from 'node:timers/promises';
import type { Connection } from './connection.js';
import {
  headersOf,
  nextId,
  readAnswer,
  sendBody,
  type Exchange,
  type Line,
  type Message,
} from './exchange.js';
import { limits } from './limits.js';
import type { Kind } from './kinds.js';

const { NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

/** Requests over one HTTP/2 session, by Node's client, which retries nothing. */
export class Http2Line implements Line {
  private readonly session: ClientHttp2Session;
  private readonly open = new Set<ClientHttp2Stream>();
  private used = false;
  private told = false;

  /** @param onIdleReset The connection was reset while it was kept and no request was open */
  constructor(
    private readonly connection: Connection,
    onIdleReset: (error: Error) => void,
  ) {
    const { socket, target } = connection;
    socket.once('error', (error) => {
      if (this.used && !this.told && this.open.size === 0) onIdleReset(error);
    });
    this.session = connect(target.url, {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    // The streams tell what became of each request.
    this.session.on('error', () => undefined);
    this.session.once('goaway', () => (this.told = true));
  }

  get usable(): boolean {
    const { fault, ended } = this.connection;
    return !fault && !ended && !this.told && !this.session.closed && !this.session.destroyed;
  }

  async exchange(message: Message): Promise<Exchange | undefined> {
    const reused = this.used;
    // See Http1Line: behind the poll phase, a GOAWAY or a FIN that is here has been seen.
    if (reused) await nextCheck();
    if (!this.usable) return undefined;
    this.used = true;
    const { path, url } = this.connection.target;
    const id = nextId();
    const pseudo = { ':method': message.method, ':path': path, ':authority': url.host };
    const headers = { ...pseudo, ...headersOf(message, id) };
    const stream = this.session.request(headers, { endStream: !message.upload });
    this.open.add(stream);
    stream.once('close', () => this.open.delete(stream));
    return new OpenStream(id, this.connection, stream, message, reused).outcome;
  }

  close(): void {
    this.told = true;
    this.session.destroy();
    this.connection.close();
  }
}

class OpenStream {
  readonly outcome: Promise<Exchange | undefined>;
  private resolve!: (exchange: Exchange | undefined) => void;
  private readonly beganAt = performance.now();
  private status: number | undefined;
  private finished = false;
  private over = false;
  private late = false;
  private fault: Error | undefined;

  constructor(
    private readonly id: string,
    private readonly connection: Connection,
    private readonly stream: ClientHttp2Stream,
    message: Message,
    private readonly reused: boolean,
  ) {
    this.outcome = new Promise((resolve) => (this.resolve = resolve));
    const timer = setTimeout(() => {
      this.late = true;
      stream.close(constants.NGHTTP2_CANCEL);
    }, limits.answerMs);
    void this.outcome.then(() => clearTimeout(timer));
    stream.once('response', (headers) => (this.status = headers[':status']));
    stream.on('error', (error) => (this.fault ??= error));
    // The headers were still in this process when the GOAWAY came: the request was never begun.
    stream.once('frameError', () => this.giveBack());
    stream.once('end', () => (this.finished = true));
    stream.once('close', () => this.closed());
    readAnswer(stream, message);
    if (message.upload) void sendBody(stream, message, () => this.over || stream.destroyed);
  }

  private giveBack(): void {
    this.over = true;
    this.resolve(undefined);
  }

  private closed(): void {
    if (this.over) return;
    this.over = true;
    const lost = this.kindOfLoss();
    const begun = this.status === undefined ? 'nothing' : 'part';
    this.resolve({
      ...(lost && { lost }),
      id: this.id,
      beganAt: this.beganAt,
      endedAt: performance.now(),
      connectionBegunAt: this.connection.begunAt,
      sent: this.stream.writableFinished ? 'all' : 'part',
      received: this.isWhole ? 'all' : begun,
      error: this.fault,
    });
  }

  private get isWhole(): boolean {
    const { rstCode } = this.stream;
    return this.status !== undefined && this.finished && rstCode === NGHTTP2_NO_ERROR;
  }

  private kindOfLoss(): Kind | undefined {
    if (this.isWhole) return this.status! >= 500 ? `status-${this.status!}` : undefined;
    if (this.late) return 'timeout';
    if (this.stream.rstCode === NGHTTP2_REFUSED_STREAM) return 'refused-stream';
    if (this.status !== undefined) return 'truncated';
    const { fault, ended, socket } = this.connection;
    const connectionIsOver = ended || fault !== undefined || socket.destroyed;
    if (!connectionIsOver) return 'reset-stream';
    if (this.reused && performance.now() - this.beganAt < limits.raceMs) return 'idle-race';
    return fault ? 'reset' : 'unanswered';
  }
}
