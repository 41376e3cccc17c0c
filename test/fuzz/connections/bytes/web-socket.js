import { webSocketRequest } from './http1.js';

/** A handshake, and frames behind it. */
export function webSocketBytes(random) {
  return [webSocketRequest(random), ...random.times(0, 6, () => webSocketFrame(random))];
}

/** @see https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
function webSocketFrame(random) {
  const opcode = random.chance(0.8) ? random.pick([0, 1, 1, 2, 8, 9, 10]) : random.int(0, 15);
  const flags = random.chance(0.8) ? 0x80 : random.int(0, 15) << 4;
  const masked = random.chance(0.9) ? 0x80 : 0;
  const payload = payloadOf(random, opcode);
  const claimed = random.chance(0.9) ? payload.length : random.edge(31);
  const head = Buffer.alloc(claimed < 126 ? 2 : claimed < 65_536 ? 4 : 10);
  head[0] = flags | opcode;
  head[1] = masked | (claimed < 126 ? claimed : claimed < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(claimed, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(claimed), 2);
  const mask = random.bytes(masked ? 4 : 0);
  const hidden = payload.map((byte, at) => (masked ? byte ^ mask[at % 4] : byte));
  return Buffer.concat([head, mask, hidden]);
}

function payloadOf(random, opcode) {
  if (opcode === 8 && random.chance(0.7)) {
    const code = Buffer.alloc(2);
    code.writeUInt16BE(random.pick([1000, 1001, 1005, 1006, 1015, 999, 4000, 65_535]));
    return code;
  }
  const texts = [
    '{"event":"echo","data":1}',
    '{"event":"throws"}',
    '{"event":"none"}',
    '{',
    'null',
    '[]',
    '',
    '"',
  ];
  return random.chance(0.7) ? Buffer.from(random.pick(texts)) : random.bytes(random.int(0, 300));
}
