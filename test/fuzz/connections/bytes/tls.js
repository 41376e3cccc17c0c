/** Records of TLS: a ClientHello that a server answers, and what may come behind it or in its place. */

function vector(lengthBytes, ...parts) {
  const bytes = Buffer.concat(parts);
  const length = Buffer.alloc(lengthBytes);
  length.writeUIntBE(bytes.length, 0, lengthBytes);
  return Buffer.concat([length, bytes]);
}

function uint16(...values) {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, at) => bytes.writeUInt16BE(value, at * 2));
  return bytes;
}

const extension = (type, ...parts) => Buffer.concat([uint16(type), vector(2, ...parts)]);

function record(random, type, payload) {
  const version = random.chance(0.9) ? 0x0301 : random.edge(16);
  const bytes = Buffer.concat([Buffer.from([type]), uint16(version), vector(2, payload)]);
  if (random.chance(0.05)) bytes.writeUInt16BE(random.edge(16), 3);
  return bytes;
}

const names = [
  'localhost',
  'localhost.',
  'elsewhere.test',
  'x'.repeat(255),
  '\x00',
  'LOCALHOST',
  '',
];
const suites = [0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc030, 0x009c, 0x002f, 0x00ff, 0x5600];
const protocolNames = ['h2', 'http/1.1', 'h3', '', 'x'.repeat(200)];

/** @see https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2 */
function clientHello(random) {
  const extensions = [
    extension(0, vector(2, Buffer.from([0]), vector(2, Buffer.from(random.pick(names), 'latin1')))),
    extension(10, vector(2, uint16(0x001d, 0x0017))),
    extension(11, vector(1, Buffer.from([0]))),
    extension(13, vector(2, uint16(0x0403, 0x0804, 0x0401, 0x0601))),
    extension(43, vector(1, uint16(0x0304, 0x0303))),
    extension(51, vector(2, uint16(0x001d), vector(2, random.bytes(32)))),
    extension(
      16,
      vector(2, ...random.times(1, 3, () => vector(1, Buffer.from(random.pick(protocolNames))))),
    ),
    extension(random.edge(16), random.bytes(random.int(0, 20))),
  ].filter(() => random.chance(0.9));
  const hello = Buffer.concat([
    uint16(random.chance(0.95) ? 0x0303 : random.edge(16)),
    random.bytes(32),
    vector(1, random.bytes(random.pick([0, 32, 32, 33]))),
    vector(2, uint16(...random.times(1, 8, () => random.pick(suites)))),
    vector(1, Buffer.from([0])),
    vector(2, ...extensions),
  ]);
  return Buffer.concat([Buffer.from([1]), vector(3, hello)]);
}

export function tlsBytes(random) {
  const first = random.chance(0.9) ? record(random, 22, clientHello(random)) : random.bytes(20);
  const rest = random.times(0, 3, () =>
    record(random, random.pick([20, 21, 22, 23, 24, 255]), random.bytes(random.int(0, 80))),
  );
  return [first, ...rest];
}
