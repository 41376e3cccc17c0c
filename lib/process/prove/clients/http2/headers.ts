/** The indexes 8 to 14 of the static table. */
const STATUSES: readonly number[] = [200, 204, 206, 304, 400, 404, 500];
const FIRST_STATUS = 8;

/** Huffman codes of the digits: 0 to 2 have five bits, 3 to 9 six. */
const DIGITS: ReadonlyMap<string, string> = new Map([
  ['00000', '0'],
  ['00001', '1'],
  ['00010', '2'],
  ['011001', '3'],
  ['011010', '4'],
  ['011011', '5'],
  ['011100', '6'],
  ['011101', '7'],
  ['011110', '8'],
  ['011111', '9'],
]);

/**
 * A header block that needs no table: each field as a literal that is not indexed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7541#section-6.2.2
 */
export function encodeHeaders(headers: Readonly<Record<string, string>>): Buffer {
  const fields = Object.entries(headers).map(([name, value]) =>
    Buffer.concat([Buffer.from([0]), encodeString(name), encodeString(value)]),
  );
  return Buffer.concat(fields);
}

/**
 * Reads the status, which is the first field of an answer. The client announces a dynamic table of no
 * size, so that nothing before it has to be known.
 *
 * @returns undefined when the block does not begin with a status
 */
export function readStatus(block: Buffer): number | undefined {
  const reader = new Reader(block);
  // Updates of the table's size come first.
  while ((reader.peek() & 0xe0) === 0x20) reader.integer(5);
  const first = reader.peek();
  if (first & 0x80) return STATUSES[reader.integer(7) - FIRST_STATUS];
  const name = reader.integer((first & 0xc0) === 0x40 ? 6 : 4);
  if (name === 0) reader.string();
  else if (name < FIRST_STATUS || name >= FIRST_STATUS + STATUSES.length) return undefined;
  const status = reader.string();
  return /^\d{3}$/.test(status) ? Number(status) : undefined;
}

class Reader {
  private at = 0;

  constructor(private readonly block: Buffer) {}

  peek(): number {
    return this.block[this.at] ?? 0;
  }

  /** @see https://www.rfc-editor.org/rfc/rfc7541#section-5.1 */
  integer(prefixBits: number): number {
    const max = 2 ** prefixBits - 1;
    let value = this.next() & max;
    if (value < max) return value;
    for (let shift = 1; ; shift *= 128) {
      const byte = this.next();
      value += (byte & 0x7f) * shift;
      if ((byte & 0x80) === 0) return value;
    }
  }

  /** Of those that are Huffman-coded only digits are read. */
  string(): string {
    const isCoded = (this.peek() & 0x80) !== 0;
    const length = this.integer(7);
    const bytes = this.block.subarray(this.at, this.at + length);
    this.at += length;
    return isCoded ? decodeDigits(bytes) : bytes.toString('latin1');
  }

  private next(): number {
    const byte = this.block[this.at] ?? 0;
    this.at += 1;
    return byte;
  }
}

function decodeDigits(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  let digits = '';
  let code = '';
  for (const bit of bits) {
    code += bit;
    const digit = DIGITS.get(code);
    if (digit === undefined) continue;
    digits += digit;
    code = '';
  }
  return digits;
}

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  return Buffer.concat([encodeInteger(bytes.length), bytes]);
}

function encodeInteger(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let rest = value - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
