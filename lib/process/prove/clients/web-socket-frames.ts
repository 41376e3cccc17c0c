import { randomBytes } from 'node:crypto';

const OPCODE = { close: 8, ping: 9, pong: 10 } as const;

/** A frame of a client: masked, final, at most 125 bytes. */
export function clientFrame(type: keyof typeof OPCODE, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ mask[index % 4]!);
  return Buffer.concat([Buffer.from([0x80 | OPCODE[type], 0x80 | payload.length]), mask, masked]);
}

/**
 * Finds the control frames in what a server sends; data frames are skipped.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
export class ControlFrames {
  private pending = Buffer.alloc(0);
  /** Bytes of a data frame that are still to come. */
  private toSkip = 0;

  constructor(private readonly onFrame: (type: 'close' | 'ping', payload: Buffer) => void) {}

  push(chunk: Buffer): void {
    let rest = Buffer.concat([this.pending, chunk]);
    for (;;) {
      const skipped = Math.min(this.toSkip, rest.length);
      this.toSkip -= skipped;
      rest = rest.subarray(skipped);
      const frame = readHeader(rest);
      if (!frame) break;
      const { opcode, start, length } = frame;
      if (opcode < OPCODE.close) {
        this.toSkip = start + length;
        continue;
      }
      if (rest.length < start + length) break;
      const payload = rest.subarray(start, start + length);
      if (opcode === OPCODE.close) this.onFrame('close', payload);
      if (opcode === OPCODE.ping) this.onFrame('ping', payload);
      rest = rest.subarray(start + length);
    }
    this.pending = Buffer.from(rest);
  }
}

function readHeader(bytes: Buffer): { opcode: number; start: number; length: number } | undefined {
  if (bytes.length < 2) return undefined;
  const opcode = bytes[0]! & 0x0f;
  const short = bytes[1]! & 0x7f;
  if (short < 126) return { opcode, start: 2, length: short };
  if (short === 126) {
    return bytes.length < 4 ? undefined : { opcode, start: 4, length: bytes.readUInt16BE(2) };
  }
  if (bytes.length < 10) return undefined;
  return { opcode, start: 10, length: Number(bytes.readBigUInt64BE(2)) };
}
