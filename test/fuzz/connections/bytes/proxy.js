/** Headers of the PROXY protocol, of both versions, right and wrong. */

const lines = [
  'PROXY TCP4 192.0.2.1 192.0.2.2 1000 443',
  'PROXY TCP6 2001:db8::1 2001:db8::2 1000 443',
  'PROXY UNKNOWN',
  'PROXY UNKNOWN ffff:f...f:ffff',
  'PROXY TCP4 256.0.0.1 192.0.2.2 1 2',
  'PROXY TCP4 192.0.2.1 192.0.2.2 65536 -1',
  'PROXY TCP6 1.2.3.4 ::1 1 2',
  'PROXY  TCP4',
  `PROXY ${'x'.repeat(120)}`,
  'proxy tcp4 1.2.3.4 1.2.3.4 1 2',
];

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

export function proxyHeader(random) {
  if (random.chance(0.5)) {
    const line = random.chance(0.6) ? lines[random.int(0, 1)] : random.pick(lines);
    return Buffer.from(`${line}${random.chance(0.95) ? '\r\n' : random.pick(['\n', ''])}`);
  }
  const family = random.chance(0.7) ? random.pick([0x11, 0x21]) : random.edge(8);
  const command = random.chance(0.8) ? 0x21 : random.pick([0x20, 0x22, 0x11, 0xff]);
  const addresses = random.bytes(family === 0x21 ? 36 : family === 0x31 ? 216 : 12);
  const more = random.chance(0.2) ? random.bytes(random.int(1, 300)) : Buffer.alloc(0);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(random.chance(0.95) ? addresses.length + more.length : random.edge(16));
  return Buffer.concat([signature, Buffer.from([command, family]), length, addresses, more]);
}
