import type { Socket } from 'node:net';
import type { ProxyProtocolSettings } from '../config/options/proxy-protocol.js';
import { readFirstBytes } from './first-bytes.js';
import { isOwnProbe } from './own-probe.js';
import { readProxyHeader, type ProxySource, type ReadProxyHeader } from './proxy-header.js';
import { isTrusted } from './trusted-proxies.js';

/** What becomes of a connection. */
interface ProxiedSocket {
  /** It is served, by the address that its header told; undefined: by its own. */
  serve(source: ProxySource | undefined): void;
  /** It came without the header that it needs, or with a malformed one. */
  refuse(): void;
}

const headerBytes = Symbol('nestjs-http-pool.header-bytes');

/** How many of the bytes that have come were a PROXY header. */
export function headerBytesOf(socket: Socket & { [headerBytes]?: number }): number {
  return socket[headerBytes] ?? 0;
}

/** Reads the PROXY header of a connection before anything else is read of it. */
export function acceptProxied(
  socket: Socket,
  { mode, trustedProxies }: ProxyProtocolSettings,
  timeoutMs: number,
  outcome: ProxiedSocket,
): void {
  const trusted = isTrusted(trustedProxies, socket.remoteAddress);
  // What a stranger says of its address is as good as any other bytes.
  if (!trusted && mode === 'optional') return outcome.serve(undefined);
  const read = (bytes: Buffer): { value: ReadProxyHeader; taken: number } | undefined => {
    const value = readProxyHeader(bytes);
    if (value === 'more') return undefined;
    return { value, taken: typeof value === 'string' ? 0 : value.bytes };
  };
  readFirstBytes(socket, { read, timeoutMs, givenUp: () => outcome.refuse() }, (found) => {
    if (typeof found === 'string') {
      if (found === 'none' && mode === 'optional') return outcome.serve(undefined);
      return outcome.refuse();
    }
    (socket as Socket & { [headerBytes]?: number })[headerBytes] = found.bytes;
    if (isOwnProbe(found.localData)) return outcome.serve(undefined);
    if (!trusted) return outcome.refuse();
    outcome.serve(found.source);
  });
}

/** Gives a socket the address of the client, for handlers, frameworks and logs to read as ever. */
export function showAs(socket: Socket, { address, port, family }: ProxySource): void {
  Object.defineProperties(socket, {
    remoteAddress: { value: address, configurable: true, enumerable: true },
    remotePort: { value: port, configurable: true, enumerable: true },
    remoteFamily: { value: family, configurable: true, enumerable: true },
  });
}

/** Gives a socket the address that another one beneath it was given, if it was. */
export function showAsIts(beneath: Socket, socket: Socket): void {
  if (!Object.hasOwn(beneath, 'remoteAddress')) return;
  const { remoteAddress: address = '', remotePort: port = 0, remoteFamily } = beneath;
  showAs(socket, { address, port, family: remoteFamily as ProxySource['family'] });
}
