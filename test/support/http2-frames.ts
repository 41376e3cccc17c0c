import { RawClient } from './raw-client.js';

const types = [
  'DATA',
  'HEADERS',
  'PRIORITY',
  'RST_STREAM',
  'SETTINGS',
  'PUSH',
  'PING',
  'GOAWAY',
  'WINDOW_UPDATE',
  'CONTINUATION',
];

/** What an HTTP/2 client sends first, less its SETTINGS. */
export const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** One frame as it stands on the wire. */
export function frame(type: string, flags: number, stream: number, payload = ''): string {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(types.indexOf(type), 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return head.toString('latin1') + payload;
}

/**
 * An HTTP/2 client that answers nothing by itself: no PING, no SETTINGS, no GOAWAY, and it never
 * closes its connection.
 */
export class MuteHttp2Client {
  private lastStream = -1;

  private constructor(readonly raw: RawClient) {}

  static async connect(url: string): Promise<MuteHttp2Client> {
    const raw = await RawClient.connect(url, { allowHalfOpen: true });
    raw.send(preface + frame('SETTINGS', 0, 0));
    return new MuteHttp2Client(raw);
  }

  /** One on a connection that it has opened by other means, with its preface sent. */
  static over(raw: RawClient): MuteHttp2Client {
    return new MuteHttp2Client(raw);
  }

  /** `GET /`, by the static table of HPACK. */
  ask(): void {
    this.lastStream += 2;
    this.raw.send(frame('HEADERS', 0x5, this.lastStream, '\x82\x86\x84\x01\x09localhost'));
  }

  /** `POST /`, of which nothing but the head is sent. */
  post(): void {
    this.lastStream += 2;
    this.raw.send(frame('HEADERS', 0x4, this.lastStream, '\x83\x86\x84\x01\x09localhost'));
  }

  /** A part of the body of the last request. */
  data(text: string): void {
    this.raw.send(frame('DATA', 0, this.lastStream, text));
  }

  /** Takes the last request back, without ending its body as Node's client does before. */
  reset(code: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(code);
    this.raw.send(frame('RST_STREAM', 0, this.lastStream, payload.toString('latin1')));
  }

  /** Answers the PING that it was sent. */
  answerPing(): void {
    const { received } = this.raw;
    // Eight bytes, of the only kind of frame that begins so.
    const at = received.indexOf('\0\0\x08\x06\0\0\0\0\0');
    this.raw.send(frame('PING', 1, 0, received.slice(at + 9, at + 17)));
  }

  /** Every frame that came so far, with the last stream of a GOAWAY. */
  get frames(): string[] {
    const bytes = Buffer.from(this.raw.received, 'latin1');
    const found: string[] = [];
    for (let at = 0; at + 9 <= bytes.length; at += 9 + bytes.readUIntBE(at, 3)) {
      const type = types[bytes.readUInt8(at + 3)] ?? 'OTHER';
      const isWhole = at + 9 + bytes.readUIntBE(at, 3) <= bytes.length;
      if (type === 'GOAWAY' && isWhole) found.push(`GOAWAY ${bytes.readUInt32BE(at + 9)}`);
      else found.push(type);
    }
    return found;
  }
}
