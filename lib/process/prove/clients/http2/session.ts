import type { Connection } from '../connection.js';
import type { Message } from '../exchange.js';
import { limits } from '../../limits.js';
import {
  contentOf,
  encodeFrame,
  encodeSettings,
  FLAG,
  FRAME,
  FrameReader,
  PREFACE,
  SETTING,
  uint32,
  type Frame,
} from './frames.js';
import { readStatus } from './headers.js';
import { SendWindow } from './send-window.js';
import type { Http2Stream } from './stream.js';

const REFUSED_STREAM = 7;
const DEFAULT_WINDOW = 65_535;
const MAX_WINDOW = 2 ** 31 - 1;

/** The frames of one connection. */
export class Http2Session {
  readonly streams = new Map<number, Http2Stream>();
  readonly window = new SendWindow(DEFAULT_WINDOW);
  /** What the server lets a new stream send at first. */
  initialWindow = DEFAULT_WINDOW;
  /** It got a GOAWAY: nothing more is begun on it. */
  sentAway = false;
  /** What the server may send on a stream before it is told that it was read. */
  private readonly readWindow: number;
  private block: Buffer[] = [];
  private blockFlags = 0;

  constructor(
    private readonly connection: Connection,
    { slowly }: Message,
  ) {
    this.readWindow = slowly ? DEFAULT_WINDOW : 16 * 1024 * 1024;
    const { socket } = connection;
    const frames = new FrameReader((frame) => this.read(frame));
    socket.on('data', (chunk: Buffer) => {
      try {
        frames.push(chunk);
      } catch (error) {
        // Too short for what it claims to be.
        for (const stream of this.streams.values()) stream.fail('not-http', error as Error);
        socket.destroy();
      }
    });
    const settings = encodeSettings([
      [SETTING.headerTableSize, 0],
      [SETTING.enablePush, 0],
      [SETTING.initialWindowSize, this.readWindow],
    ]);
    const forAll = encodeFrame(FRAME.windowUpdate, 0, 0, uint32(MAX_WINDOW - DEFAULT_WINDOW));
    socket.write(Buffer.concat([PREFACE, settings, forAll]));
  }

  /** @returns whether it was written */
  send(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): boolean {
    const { socket } = this.connection;
    if (!socket.writable) return false;
    socket.write(encodeFrame(type, flags, stream, payload));
    return true;
  }

  private read(frame: Frame): void {
    const stream = this.streams.get(frame.stream);
    switch (frame.type) {
      case FRAME.headers:
      case FRAME.continuation:
        return this.readHeaders(frame, stream);
      case FRAME.data:
        if (frame.flags & FLAG.endStream) stream?.ended();
        else if (stream) this.acknowledge(stream, frame.payload.length);
        return;
      case FRAME.rstStream:
        return stream?.reset(frame.payload.readUInt32BE(0) === REFUSED_STREAM);
      case FRAME.settings:
        return this.readSettings(frame);
      case FRAME.ping:
        if (!(frame.flags & FLAG.ack)) this.send(FRAME.ping, FLAG.ack, 0, frame.payload);
        return;
      case FRAME.goaway:
        return this.readGoAway(frame.payload.readUInt32BE(0) & MAX_WINDOW);
      case FRAME.windowUpdate:
        return this.widen(frame, stream);
    }
  }

  private readHeaders(frame: Frame, stream: Http2Stream | undefined): void {
    const isFirst = frame.type === FRAME.headers;
    if (isFirst) this.blockFlags = frame.flags;
    this.block.push(isFirst ? contentOf(frame) : frame.payload);
    if (!(frame.flags & FLAG.endHeaders)) return;
    const block = Buffer.concat(this.block.splice(0));
    if (!stream) return;
    // What comes behind the status is trailers.
    if (stream.status === undefined) {
      const status = readStatus(block);
      if (status === undefined) return stream.fail('not-http');
      // 1xx: the answer is still to come.
      if (status >= 200) stream.answered(status);
    }
    if (this.blockFlags & FLAG.endStream) stream.ended();
  }

  /** Lets the server send more; a slow reader waits with it, for a while. */
  private acknowledge(stream: Http2Stream, bytes: number): void {
    const { message, id } = stream.facts;
    const read = stream.read(bytes, this.readWindow / 2);
    if (read === 0) return;
    const tell = (): void => {
      if (!stream.isOver) this.send(FRAME.windowUpdate, 0, id, uint32(read));
    };
    const isSlow = message.slowly && performance.now() - stream.beganAt < limits.slowReadMs;
    if (isSlow) setTimeout(tell, limits.slowReadGapMs);
    else tell();
  }

  private readSettings({ flags, payload }: Frame): void {
    if (flags & FLAG.ack) return;
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== SETTING.initialWindowSize) continue;
      const size = payload.readUInt32BE(at + 2);
      for (const { window } of this.streams.values()) window.add(size - this.initialWindow);
      this.initialWindow = size;
    }
    this.send(FRAME.settings, FLAG.ack, 0);
  }

  private readGoAway(last: number): void {
    this.sentAway = true;
    for (const [id, stream] of this.streams) if (id > last) stream.reset(true);
  }

  private widen({ stream: id, payload }: Frame, stream: Http2Stream | undefined): void {
    (id === 0 ? this.window : stream?.window)?.add(payload.readUInt32BE(0) & MAX_WINDOW);
  }
}
