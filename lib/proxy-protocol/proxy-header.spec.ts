import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { blockStart, readProxyHeader } from './proxy-header.js';

const line = (text: string): Buffer => Buffer.from(`${text}\r\n`);

const block = (command: number, kind: number, data: Buffer): Buffer =>
  Buffer.concat([
    blockStart,
    Buffer.from([command, kind, data.length >> 8, data.length & 255]),
    data,
  ]);

const v4 = Buffer.from([203, 0, 113, 7, 10, 0, 0, 1, 0xd9, 0x03, 1, 187]);
const v6 = Buffer.concat([
  Buffer.from('20010db8000000000000000000000001', 'hex'),
  Buffer.alloc(16),
  Buffer.from([0, 80, 1, 187]),
]);

const right: [string, Buffer, unknown][] = [
  [
    'TCP4 in a line',
    line('PROXY TCP4 203.0.113.7 10.0.0.1 55555 443'),
    { address: '203.0.113.7', port: 55_555, family: 'IPv4' },
  ],
  [
    'TCP6 in a line',
    line('PROXY TCP6 2001:db8::1 ::1 80 443'),
    { address: '2001:db8::1', port: 80, family: 'IPv6' },
  ],
  ['UNKNOWN in a line', line('PROXY UNKNOWN'), undefined],
  ['UNKNOWN with addresses', line('PROXY UNKNOWN ffff::1 ffff::2 1 2'), undefined],
  [
    'IPv4 in a block',
    block(0x21, 0x11, v4),
    { address: '203.0.113.7', port: 55_555, family: 'IPv4' },
  ],
  ['IPv6 in a block', block(0x21, 0x21, v6), { address: '2001:db8::1', port: 80, family: 'IPv6' }],
  [
    'IPv4 in a block with more behind it',
    block(0x21, 0x11, Buffer.concat([v4, Buffer.from([3, 0, 4, 1, 2, 3, 4])])),
    { address: '203.0.113.7', port: 55_555, family: 'IPv4' },
  ],
  ['LOCAL', block(0x20, 0x00, Buffer.alloc(0)), undefined],
  ['LOCAL with addresses', block(0x20, 0x11, v4), undefined],
  ['an unspecified kind', block(0x21, 0x00, Buffer.alloc(0)), undefined],
  ['a unix socket', block(0x21, 0x31, Buffer.alloc(216)), undefined],
];

describe('readProxyHeader', () => {
  it.each(right)('reads %s, and nothing behind it', (_, bytes, source) => {
    const read = readProxyHeader(Buffer.concat([bytes, Buffer.from('GET / HTTP/1.1\r\n')]));
    expect(read).toMatchObject({ bytes: bytes.length });
    expect((read as { source: unknown }).source).toEqual(source);
  });

  it.each(right)('asks for more until %s is whole', (_, bytes) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(readProxyHeader(bytes.subarray(0, length))).toBe('more');
    }
  });

  it.each([
    'GET / HTTP/1.1\r\n',
    'POST / HTTP/1.1\r\n',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'PROPFIND / HTTP/1.1\r\n',
    '\x16\x03\x01',
    '\r\nGET / HTTP/1.1\r\n',
  ])('finds none in %j', (text) => {
    expect(readProxyHeader(Buffer.from(text, 'latin1'))).toBe('none');
  });

  it.each<[string, Buffer]>([
    ['a line without an end', Buffer.from(`PROXY TCP4 ${'1'.repeat(200)}`)],
    ['an address of the other family', line('PROXY TCP4 ::1 ::1 1 2')],
    ['a name instead of an address', line('PROXY TCP4 localhost 10.0.0.1 1 2')],
    ['an address with leading zeros', line('PROXY TCP4 010.0.0.1 10.0.0.1 1 2')],
    ['a port above the last', line('PROXY TCP4 10.0.0.1 10.0.0.1 65536 2')],
    ['a port with a sign', line('PROXY TCP4 10.0.0.1 10.0.0.1 +1 2')],
    ['a port with leading zeros', line('PROXY TCP4 10.0.0.1 10.0.0.1 080 2')],
    ['too few parts', line('PROXY TCP4 10.0.0.1 10.0.0.1 1')],
    ['too many parts', line('PROXY TCP4 10.0.0.1 10.0.0.1 1 2 3')],
    ['two spaces', line('PROXY  TCP4 10.0.0.1 10.0.0.1 1 2')],
    ['another protocol', line('PROXY UDP4 10.0.0.1 10.0.0.1 1 2')],
    ['lower case', line('PROXY tcp4 10.0.0.1 10.0.0.1 1 2')],
    ['another version', block(0x11, 0x11, v4)],
    ['another command', block(0x22, 0x11, v4)],
    ['another kind', block(0x21, 0x12, v4)],
    ['a block that is too short', block(0x21, 0x11, v4.subarray(0, 11))],
    ['a block of IPv6 that is too short', block(0x21, 0x21, v6.subarray(0, 35))],
    ['a block that is too long', block(0x21, 0x11, Buffer.alloc(5000))],
  ])('refuses %s', (_, bytes) => {
    expect(readProxyHeader(bytes)).toBe('malformed');
  });

  it('takes any bytes', () => {
    const start = fc.constantFrom(Buffer.alloc(0), Buffer.from('PROXY '), blockStart);
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 300 }), (head, tail) => {
        readProxyHeader(Buffer.concat([head, tail]));
      }),
      { numRuns: 2000 },
    );
  });
});
