/** The types of frames that a client meets. @see https://www.rfc-editor.org/rfc/rfc9113#section-6 */
export const FRAME = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const FLAG = {
  ack: 0x1,
  endStream: 0x1,
  endHeaders: 0x4,
  padded: 0x8,
  priority: 0x20,
} as const;

/** @see https://www.rfc-editor.org/rfc/rfc9113#section-6.5.2 */
export const SETTING = { headerTableSize: 1, enablePush: 2, initialWindowSize: 4 } as const;

export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

const HEAD_BYTES = 9;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function encodeFrame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function encodeSettings(
  settings: readonly (readonly [id: number, value: number])[],
): Buffer {
  const entries = settings.map(([id, value]) =>
    Buffer.concat([Buffer.from([0, id]), uint32(value)]),
  );
  return encodeFrame(FRAME.settings, 0, 0, Buffer.concat(entries));
}

/** Puts frames together from what a socket brings. */
export class FrameReader {
  private pending = Buffer.alloc(0);

  constructor(private readonly onFrame: (frame: Frame) => void) {}

  push(chunk: Buffer): void {
    let rest = this.pending.length > 0 ? Buffer.concat([this.pending, chunk]) : chunk;
    while (rest.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + rest.readUIntBE(0, 3);
      if (rest.length < end) break;
      this.onFrame({
        type: rest.readUInt8(3),
        flags: rest.readUInt8(4),
        stream: rest.readUInt32BE(5) & 0x7fffffff,
        payload: rest.subarray(HEAD_BYTES, end),
      });
      rest = rest.subarray(end);
    }
    this.pending = Buffer.from(rest);
  }
}

/** The payload without its padding, and without the priority that headers may begin with. */
export function contentOf({ type, flags, payload }: Frame): Buffer {
  const padding = flags & FLAG.padded ? 1 + (payload[0] ?? 0) : 0;
  const start = (padding > 0 ? 1 : 0) + (type === FRAME.headers && flags & FLAG.priority ? 5 : 0);
  return payload.subarray(start, payload.length - Math.max(padding - 1, 0));
}
