import { isIPv4, isIPv6 } from 'node:net';

/** Who is behind a connection, as its header says. */
export interface ProxySource {
  readonly address: string;
  readonly port: number;
  readonly family: 'IPv4' | 'IPv6';
}

/** A header that is whole. */
interface ProxyHeader {
  readonly bytes: number;
  /** Undefined where it tells none: `UNKNOWN`, `LOCAL`, or a kind of address that no TCP client has. */
  readonly source: ProxySource | undefined;
  /** What follows the addresses of a `LOCAL` header of version 2, for who knows what it is. */
  readonly localData?: Buffer;
}

/** What the begin of a connection is: `more` is needed to tell. */
export type ReadProxyHeader = ProxyHeader | 'more' | 'none' | 'malformed';

/** Of version 1, its line end included. */
const maxLineBytes = 107;

/** Of version 2: addresses, and what balancers add to them (a certificate's name, an id). */
const maxBlockBytes = 4096;

const lineStart = Buffer.from('PROXY ');
export const blockStart: Buffer = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/**
 * Reads a header of the PROXY protocol, version 1 or 2, from the first bytes of a connection.
 *
 * @see https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt sections 2.1 and 2.2
 */
export function readProxyHeader(bytes: Buffer): ReadProxyHeader {
  if (startsAs(bytes, lineStart)) return bytes.length < lineStart.length ? 'more' : readLine(bytes);
  if (startsAs(bytes, blockStart)) return bytes.length < 16 ? 'more' : readBlock(bytes);
  return 'none';
}

/** Whether bytes are the start, or the start of it as far as they go. */
function startsAs(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

function readLine(bytes: Buffer): ReadProxyHeader {
  const head = bytes.toString('latin1', 0, maxLineBytes);
  const end = head.indexOf('\r\n');
  if (end < 0) return bytes.length < maxLineBytes ? 'more' : 'malformed';
  const line = head.slice(lineStart.length, end);
  const [kind = '', address = '', to = '', port = '', toPort = '', ...rest] = line.split(' ');
  if (kind === 'UNKNOWN') return { bytes: end + 2, source: undefined };
  const isAddress = kind === 'TCP4' ? isIPv4 : kind === 'TCP6' ? isIPv6 : undefined;
  if (!isAddress?.(address) || !isAddress(to) || !isPort(port) || !isPort(toPort))
    return 'malformed';
  if (rest.length > 0) return 'malformed';
  const family = kind === 'TCP4' ? 'IPv4' : 'IPv6';
  return { bytes: end + 2, source: { address, port: Number(port), family } };
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

function readBlock(bytes: Buffer): ReadProxyHeader {
  const command = bytes.readUInt8(12);
  const kind = bytes.readUInt8(13);
  const length = bytes.readUInt16BE(14);
  // Version 2; 0 is LOCAL, 1 is PROXY.
  if (command !== 0x20 && command !== 0x21) return 'malformed';
  if (length > maxBlockBytes) return 'malformed';
  const end = 16 + length;
  if (bytes.length < end) return 'more';
  const block = bytes.subarray(16, end);
  if (command === 0x20) return { bytes: end, source: undefined, localData: block };
  switch (kind) {
    // TCP over IPv4, and over IPv6.
    case 0x11:
      if (length < 12) return 'malformed';
      return { bytes: end, source: sourceOf('IPv4', block.subarray(0, 4), block.readUInt16BE(8)) };
    case 0x21:
      if (length < 36) return 'malformed';
      return {
        bytes: end,
        source: sourceOf('IPv6', block.subarray(0, 16), block.readUInt16BE(32)),
      };
    // Unspecified, and a unix socket: there is a client, and its address is none of IP.
    case 0x00:
      return { bytes: end, source: undefined };
    case 0x31:
      return length < 216 ? 'malformed' : { bytes: end, source: undefined };
    default:
      return 'malformed';
  }
}

function sourceOf(family: 'IPv4' | 'IPv6', address: Buffer, port: number): ProxySource {
  if (family === 'IPv4') return { address: address.join('.'), port, family };
  const groups = Array.from({ length: 8 }, (_, index) => address.readUInt16BE(index * 2));
  const text = new URL(`http://[${groups.map((group) => group.toString(16)).join(':')}]`).hostname;
  return { address: text.slice(1, -1), port, family };
}
