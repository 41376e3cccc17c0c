import type { Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import type { ServerSettings } from '../../config/server-settings.js';
import { acceptProxied, showAs } from '../../proxy-protocol/accept-proxied.js';
import { readFirstBytes } from '../../proxy-protocol/first-bytes.js';
import { readServerName } from '../../tls/client-hello.js';
import type { TlsMaterial } from '../../tls/tls-material.js';
import type { InnerServer } from './inner-server.js';
import { connectWith } from './node-tls.js';

/** What an accepted socket is begun for. */
export interface BeginOptions {
  readonly settings: ServerSettings;
  /** Asked when it is needed: certificates may have changed by then. */
  readonly material: () => TlsMaterial | undefined;
  /** Its PROXY header is missing, malformed, or not to be believed. */
  readonly refuse: () => void;
}

/** Hands a socket to Node's server, after what comes before HTTP and TLS: a PROXY header, a name. */
export function beginConnection(socket: Socket, inner: InnerServer, options: BeginOptions): void {
  const { proxyProtocol, timeouts } = options.settings;
  if (proxyProtocol.mode === 'off') return hand(socket, inner, options);
  acceptProxied(socket, proxyProtocol, timeouts.handshakeMs, {
    serve: (source) => {
      if (source) showAs(socket, source);
      hand(socket, inner, options);
    },
    refuse: () => options.refuse(),
  });
}

function hand(socket: Socket, inner: InnerServer, options: BeginOptions): void {
  if (options.material()?.hasMixedKeys) handByName(socket, inner as TlsServer, options);
  else inner.emit('connection', socket);
}

/** Chooses the context by the name that the client asks for, before its handshake begins. */
function handByName(socket: Socket, inner: TlsServer, { settings, material }: BeginOptions): void {
  const read = (bytes: Buffer): { value: string; taken: number } | undefined => {
    const value = readServerName(bytes);
    return value === undefined ? undefined : { value, taken: 0 };
  };
  readFirstBytes(socket, { read, timeoutMs: settings.timeouts.handshakeMs }, (name) => {
    const current = material();
    if (current === undefined) return;
    const context = current.contextFor(name) ?? current.base;
    connectWith(inner, context, () => inner.emit('connection', socket));
  });
}
