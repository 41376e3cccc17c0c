import { describe, expect, it } from '@jest/globals';
import {
  contentOf,
  encodeFrame,
  encodeSettings,
  FLAG,
  FRAME,
  FrameReader,
  type Frame,
} from './frames.js';

describe('FrameReader', () => {
  it('gives the same frames however the bytes are cut', () => {
    const bytes = Buffer.concat([
      encodeSettings([
        [1, 0],
        [4, 70_000],
      ]),
      encodeFrame(FRAME.data, FLAG.endStream, 7, Buffer.from('hello')),
      encodeFrame(FRAME.ping, 0, 0, Buffer.alloc(8, 1)),
      encodeFrame(FRAME.settings, FLAG.ack, 0, Buffer.alloc(0)),
    ]);
    for (let size = 1; size <= bytes.length; size += 1) {
      const frames: Frame[] = [];
      const reader = new FrameReader((frame) => frames.push(frame));
      for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      expect(
        frames.map(({ type, flags, stream, payload }) => [type, flags, stream, payload.length]),
      ).toEqual([
        [4, 0, 0, 12],
        [0, 1, 7, 5],
        [6, 0, 0, 8],
        [4, 1, 0, 0],
      ]);
      expect(String(frames[1]!.payload)).toBe('hello');
    }
  });
});

describe('contentOf', () => {
  const frame = (type: number, flags: number, hex: string): Frame => ({
    type,
    flags,
    stream: 1,
    payload: Buffer.from(hex, 'hex'),
  });

  it.each([
    ['no padding', FRAME.headers, 0, '8899', '8899'],
    ['padding', FRAME.headers, FLAG.padded, '0288990000', '8899'],
    ['a priority', FRAME.headers, FLAG.priority, '0000000a108899', '8899'],
    ['both', FRAME.headers, FLAG.padded | FLAG.priority, '010000000a10889900', '8899'],
    ['padding of none', FRAME.data, FLAG.padded, '00aa', 'aa'],
  ])('leaves out %s', (_what, type, flags, payload, content) => {
    expect(contentOf(frame(type, flags, payload)).toString('hex')).toBe(content);
  });
});
