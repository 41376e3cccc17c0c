import { describe, expect, it } from '@jest/globals';
import { encodeHeaders, readStatus } from './headers.js';

const block = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

describe('readStatus', () => {
  it.each([
    // From the examples of RFC 7541, C.5.1, C.6.1 and C.6.2.
    ['4803 333032 58 07 70726976617465', 302],
    ['4882 6402 5885 aec3 771a 4b', 302],
    ['4883 640e ff', 307],
    ['88', 200],
    ['8e 0f', 500],
    ['20 3f e1 1f 8c', 400],
    ['08 03 353033', 503],
    ['18 03 343239', 429],
    ['00 07 3a737461747573 03 313033', 103],
  ])('reads %s', (hex, status) => {
    expect(readStatus(block(hex))).toBe(status);
  });

  it.each(['', '82', 'be', '5803 333032', '4803 41424', '4882 ffff', '0f'])(
    'finds no status in %j',
    (hex) => {
      expect(readStatus(block(hex))).toBeUndefined();
    },
  );

  it('reads every status that is Huffman-coded', () => {
    // The codes of the digits, RFC 7541, appendix B.
    const codes = '00000 00001 00010 011001 011010 011011 011100 011101 011110 011111'.split(' ');
    for (let status = 100; status < 600; status += 1) {
      const bits = String(status).replace(/\d/g, (digit) => codes[Number(digit)]!);
      const length = Math.ceil(bits.length / 8);
      const bytes = Buffer.from(
        Array.from({ length }, (_, at) =>
          parseInt(bits.padEnd(length * 8, '1').slice(at * 8, at * 8 + 8), 2),
        ),
      );
      const coded = Buffer.concat([Buffer.from([0x08, 0x80 | length]), bytes]);
      expect(readStatus(coded)).toBe(status);
    }
  });
});

describe('encodeHeaders', () => {
  it('writes literals that are not indexed, long values too', () => {
    expect(encodeHeaders({ a: 'bc' }).toString('hex')).toBe('00' + '0161' + '02' + '6263');
    const long = encodeHeaders({ a: 'x'.repeat(300) });
    expect(long.subarray(0, 5).toString('hex')).toBe('000161' + '7fad');
    expect(long.readUInt8(5)).toBe(1);
    expect(long.length).toBe(6 + 300);
  });
});
