import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readServerName } from './client-hello.js';

/** What a client of Node's sends first. */
async function clientHello(servername: string): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect({ host: '127.0.0.1', port, servername });
  client.on('error', () => undefined);
  const [socket] = await accepted;
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  client.destroy();
  socket.destroy();
  server.close();
  return bytes;
}

function record(part: Buffer): Buffer {
  return Buffer.concat([Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part]);
}

/** The same message in records of so many bytes. */
function inRecords(message: Buffer, size: number): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    records.push(record(message.subarray(at, at + size)));
  }
  return Buffer.concat(records);
}

describe('readServerName', () => {
  let hello: Buffer;
  let message: Buffer;

  beforeAll(async () => {
    hello = await clientHello('second.test');
    message = hello.subarray(5);
  });

  it('finds the name', () => {
    expect(readServerName(hello)).toBe('second.test');
    expect(readServerName(Buffer.concat([hello, hello]))).toBe('second.test');
  });

  it('asks for more until the message is whole', () => {
    for (let length = 0; length < hello.length; length++) {
      expect(readServerName(hello.subarray(0, length))).toBeUndefined();
    }
  });

  it.each([40, 100, 511])('finds the name in records of %i bytes', (size) => {
    const bytes = inRecords(message, size);
    expect(readServerName(bytes)).toBe('second.test');
    expect(readServerName(bytes.subarray(0, -1))).toBeUndefined();
  });

  it('finds it where the length itself comes in several records', () => {
    const parts = [1, 1, 1, 3, message.length - 6];
    let at = 0;
    const records = parts.map((size) => record(message.subarray(at, (at += size))));
    expect(readServerName(Buffer.concat(records))).toBe('second.test');
  });

  it.each<[string, () => Buffer]>([
    ['more records than a client needs', () => inRecords(message, 1)],
    ['a length of megabytes', () => record(Buffer.from([1, 0x10, 0, 0, 3, 3]))],
    ['a length just above the limit', () => record(Buffer.from([1, 0, 0x40, 1, 3, 3]))],
    ['another message', () => record(Buffer.from([2, 0, 0, 1, 0]))],
    ['another record', () => Buffer.from('GET / HTTP/1.1\r\n')],
    ['an empty record', () => record(Buffer.alloc(0))],
    ['a message that ends within itself', () => record(Buffer.from([1, 0, 0, 2, 3, 3]))],
  ])('takes %s for no name, and asks for no more', (_, bytes) => {
    expect(readServerName(bytes())).toBe('');
  });

  it('copies the bytes of thousands of records a few times at most', () => {
    const concat = jest.spyOn(Buffer, 'concat');
    const sent = inRecords(
      Buffer.concat([Buffer.from([1, 0xff, 0xff, 0xff]), Buffer.alloc(10_000)]),
      1,
    );
    concat.mockClear();
    for (let length = 600; length <= sent.length; length += 600) {
      expect(readServerName(sent.subarray(0, length))).toBe('');
    }
    const copied = concat.mock.results.map(({ value }) => (value as Buffer).length);
    concat.mockRestore();
    expect(Math.max(0, ...copied)).toBeLessThan(100);
  });
});
