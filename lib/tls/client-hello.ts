/** A ClientHello is a few hundred bytes, with keys of post-quantum exchanges two thousand. */
const maxClientHelloBytes = 16_384;

/** More than a client has need of: the smallest length of records that TLS can agree upon is 512 bytes. */
const maxRecords = 64;

const handshakeRecord = 22;
const clientHello = 1;
const serverNameExtension = 0;
const recordHeaderBytes = 5;
/** Type and length of a message. */
const headerBytes = 4;

/**
 * The server name that a client asks for at the begin of a TLS connection; `''` for none, and for
 * what is no ClientHello: to refuse it is the work of who makes the handshake. Undefined when more
 * bytes are needed to tell.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2
 * @see https://www.rfc-editor.org/rfc/rfc6066#section-3
 */
export function readServerName(bytes: Buffer): string | undefined {
  const message = handshakeMessage(bytes);
  if (message === undefined) return undefined;
  try {
    return message === 'none' ? '' : serverNameIn(message);
  } catch {
    // A length in it points beyond its end.
    return '';
  }
}

/**
 * The first message of the handshake, which may come in several records. It is asked for with each piece that
 * comes, of anybody: so what it does is bounded by the records, and bytes are copied once at the end.
 */
function handshakeMessage(bytes: Buffer): Buffer | 'none' | undefined {
  const parts: Buffer[] = [];
  let have = 0;
  let needed: number | undefined;
  for (let at = 0; parts.length < maxRecords;) {
    if (bytes.length > at && bytes[at] !== handshakeRecord) return 'none';
    if (bytes.length < at + recordHeaderBytes) return undefined;
    const length = bytes.readUInt16BE(at + 3);
    if (length === 0) return 'none';
    const part = bytes.subarray(at + recordHeaderBytes, at + recordHeaderBytes + length);
    if (parts.length === 0 && part.length > 0 && part[0] !== clientHello) return 'none';
    parts.push(part);
    have += part.length;
    needed ??= have < headerBytes ? undefined : headerBytes + lengthIn(joined(parts));
    if (needed !== undefined && needed > maxClientHelloBytes) return 'none';
    if (needed !== undefined && have >= needed) return joined(parts);
    if (part.length < length) return undefined;
    at += recordHeaderBytes + length;
  }
  return 'none';
}

function joined(parts: readonly Buffer[]): Buffer {
  const [first] = parts;
  return first !== undefined && parts.length === 1 ? first : Buffer.concat(parts);
}

function lengthIn(message: Buffer): number {
  return message.readUIntBE(1, 3);
}

function serverNameIn(message: Buffer): string {
  // Type, length, version and random.
  let at = headerBytes + 2 + 32;
  at += 1 + message.readUInt8(at);
  at += 2 + message.readUInt16BE(at);
  at += 1 + message.readUInt8(at);
  const end = Math.min(message.length, at + 2 + message.readUInt16BE(at));
  for (at += 2; at + 4 <= end;) {
    const type = message.readUInt16BE(at);
    const length = message.readUInt16BE(at + 2);
    if (type === serverNameExtension) {
      // The list has one entry, of the type host_name.
      const nameLength = message.readUInt16BE(at + 7);
      return message.toString('latin1', at + 9, at + 9 + nameLength);
    }
    at += 4 + length;
  }
  return '';
}
