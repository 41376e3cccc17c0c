import { connect, isIP, type Socket } from 'node:net';
import { connect as secure, type TLSSocket } from 'node:tls';
import { limits } from '../limits.js';
import type { Kind } from '../kinds.js';
import type { Target } from '../target.js';

/** Why a connection could not be made. */
export interface ConnectFault {
  readonly kind: Kind;
  readonly error: Error | undefined;
}

/** One connection, TLS included, and what happened on it. It retries nothing. */
export class Connection {
  /** By `performance.now()`: the address is known, so that the SYN leaves within the call. */
  readonly begunAt = performance.now();
  /** Set once it is connected; a TLS socket where the URL is `https:`. */
  socket: Socket;
  /** The error of the socket: it was reset, or a write met a reset. */
  fault: NodeJS.ErrnoException | undefined;
  /** The peer has sent its FIN. */
  ended = false;
  /** Bytes that came from the peer, decrypted. */
  received = 0;

  constructor(
    readonly target: Target,
    private readonly protocols: readonly string[],
  ) {
    this.socket = connect({ host: target.address, port: target.port, noDelay: true });
    this.socket.on('error', this.onError);
  }

  get isHttp2(): boolean {
    return (this.socket as Partial<TLSSocket>).alpnProtocol === 'h2';
  }

  /** Resolves to nothing when it is connected, and over TLS when the handshake is over too. */
  async open(): Promise<ConnectFault | undefined> {
    const overTcp = await this.waitFor('connect');
    if (overTcp) return overTcp;
    if (this.target.secure) {
      const overTls = await this.handshake();
      if (overTls) return overTls;
    }
    this.socket.once('end', () => (this.ended = true));
    this.socket.on('data', (chunk: Buffer) => (this.received += chunk.length));
    return undefined;
  }

  close(): void {
    this.socket.destroy();
  }

  private readonly onError = (error: NodeJS.ErrnoException): void => {
    this.fault ??= error;
  };

  private async handshake(): Promise<ConnectFault | undefined> {
    const { hostname } = this.target.url;
    this.socket.off('error', this.onError);
    this.socket = secure({
      socket: this.socket,
      // It is availability that is tried, not trust.
      rejectUnauthorized: false,
      ...(isIP(this.target.address) && hostname === this.target.address
        ? {}
        : { servername: hostname.startsWith('[') ? '' : hostname }),
      ALPNProtocols: [...this.protocols],
    });
    this.socket.on('error', this.onError);
    const fault = await this.waitFor('secureConnect');
    return fault?.kind === 'connect-reset' ? { ...fault, kind: 'tls-failed' } : fault;
  }

  private async waitFor(event: 'connect' | 'secureConnect'): Promise<ConnectFault | undefined> {
    const { socket } = this;
    const result = await new Promise<'made' | 'late' | 'over'>((resolve) => {
      const timer = setTimeout(() => resolve('late'), limits.connectMs);
      const end = (how: 'made' | 'over') => (): void => {
        clearTimeout(timer);
        resolve(how);
      };
      socket.once(event, end('made'));
      socket.once('error', end('over'));
      socket.once('close', end('over'));
    });
    if (result === 'made') return undefined;
    this.close();
    if (result === 'late') return { kind: 'connect-timeout', error: undefined };
    const kind = this.fault?.code === 'ECONNREFUSED' ? 'refused' : 'connect-reset';
    return { kind, error: this.fault };
  }
}
