import type { Socket } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import type { ServerSettings } from '../../config/server-settings.js';
import { acceptProxied, showAs } from '../../proxy-protocol/accept-proxied.js';
import { readFirstBytes } from '../../proxy-protocol/first-bytes.js';
import { readServerName } from '../../tls/client-hello.js';
import type { TlsMaterial } from '../../tls/tls-material.js';
import type { MovedConnection } from './connection/moved-connection.js';
import type { InnerServer } from './inner-server.js';
import { connectWith } from './node/node-tls.js';

/** What an accepted socket is begun for. */
interface BeginOptions {
  readonly settings: ServerSettings;
  /** Of a connection that another process has served. */
  readonly moved: MovedConnection | undefined;
  /** Asked when it is needed: certificates may have changed by then. */
  readonly material: () => TlsMaterial | undefined;
  /** Of TLS, which has not begun perhaps. */
  readonly isInHandshake: () => boolean;
  /** Its PROXY header is missing, malformed, or not to be believed. */
  readonly refuse: () => void;
}

/** What `handshakeTimeout: 0` stands for, as with Node. */
const nodeHandshakeMs = 120_000;

/** Whether nothing comes before HTTP and TLS: most connections need no {@link beginConnection}. */
export function beginsAtOnce(
  { proxyProtocol }: ServerSettings,
  material: TlsMaterial | undefined,
  moved: MovedConnection | undefined,
): boolean {
  return proxyProtocol.mode === 'off' && moved === undefined && material?.hasMixedKeys !== true;
}

/** Hands a socket to Node's server, after what comes before HTTP and TLS: a PROXY header, a name. */
export function beginConnection(socket: Socket, inner: InnerServer, options: BeginOptions): void {
  const { moved, settings } = options;
  const { proxyProtocol, timeouts } = settings;
  if (moved?.hasAsked) return adopt(socket, inner, { moved, timeouts });
  const handshakeMs = timeouts.handshakeMs || nodeHandshakeMs;
  // One for all that comes before HTTP: Node begins its own when it gets the connection.
  const deadline = performance.now() + handshakeMs;
  if (proxyProtocol.mode === 'off') return hand(socket, inner, deadline, options);
  acceptProxied(socket, proxyProtocol, handshakeMs, {
    serve: (source) => {
      if (source) showAs(socket, source);
      hand(socket, inner, deadline, options);
    },
    refuse: () => options.refuse(),
  });
}

/**
 * Node gets a connection that was idle with its next request: before, it would take it for one that
 * has never asked, and answer 408 when `readHeaderTimeout` is over.
 */
function adopt(
  socket: Socket,
  inner: InnerServer,
  { moved, timeouts }: { moved: MovedConnection; timeouts: ServerSettings['timeouts'] },
): void {
  if (moved.client) showAs(socket, moved.client);
  const read = (): { value: undefined; taken: number } => ({ value: undefined, taken: 0 });
  readFirstBytes(socket, { read, timeoutMs: timeouts.idleMs }, () =>
    inner.emit('connection', socket),
  );
}

function hand(socket: Socket, inner: InnerServer, deadline: number, options: BeginOptions): void {
  if (options.isInHandshake()) endAt(deadline, socket, options);
  if (options.material()?.hasMixedKeys) handByName(socket, inner as TlsServer, options);
  else inner.emit('connection', socket);
}

/** Ends a handshake that takes longer. */
function endAt(deadline: number, socket: Socket, { isInHandshake }: BeginOptions): void {
  const expire = (): void => {
    if (isInHandshake()) socket.destroy();
  };
  const timer = setTimeout(expire, Math.max(1, deadline - performance.now()));
  socket.once('close', () => clearTimeout(timer));
}

/** Chooses the context by the name that the client asks for, before its handshake begins. */
function handByName(socket: Socket, inner: TlsServer, { material }: BeginOptions): void {
  const read = (bytes: Buffer): { value: string; taken: number } | undefined => {
    const value = readServerName(bytes);
    return value === undefined ? undefined : { value, taken: 0 };
  };
  // Its handshake has begun, and ends in time.
  readFirstBytes(socket, { read, timeoutMs: 0 }, (name) => {
    const current = material();
    if (current === undefined) return;
    const context = current.contextFor(name) ?? current.base;
    connectWith(inner, context, () => inner.emit('connection', socket));
  });
}
