import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { ca } from './certificates.js';

/** A bare socket, for what no HTTP client would send, and to see every byte that comes back. */
export class RawClient {
  received = '';
  /** Resolves when the connection is gone, to the code of its error if it had one. */
  readonly closed: Promise<string | undefined>;

  private constructor(readonly socket: Socket) {
    let code: string | undefined;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (this.received += chunk));
    socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
    this.closed = new Promise((resolve) => socket.once('close', () => resolve(code)));
  }

  /** @param to The URL of a server, or the path of a unix socket */
  static async connect(to: string, options: Partial<NetConnectOpts> = {}): Promise<RawClient> {
    const client = new RawClient(connect({ ...destination(to), ...options } as NetConnectOpts));
    await once(client.socket, 'connect');
    return client;
  }

  /** The same behind a TLS handshake. */
  static async connectTls(url: string, options: ConnectionOptions = {}): Promise<RawClient> {
    const to = { ...destination(url), servername: 'localhost', ca: ca.cert, ...options };
    const client = new RawClient(connectTls(to as ConnectionOptions));
    await once(client.socket, 'secureConnect');
    return client;
  }

  send(bytes: string): void {
    this.socket.write(bytes, 'latin1');
  }

  /** Resolves when what came back holds the text; rejects when the connection ends without. */
  async until(mark: string): Promise<string> {
    while (!this.received.includes(mark)) {
      if (this.socket.readableEnded || this.socket.destroyed) {
        throw new Error(`the connection ended after ${JSON.stringify(this.received)}`);
      }
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'end'), this.closed]);
    }
    return this.received;
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }
}

/** A GET as it stands on the wire. */
export function get(path: string, ...headers: string[]): string {
  return [`GET ${path} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n');
}

/** Resolves to the code of the refusal, or to undefined when the connection is accepted. */
export async function refusal(to: string): Promise<string | undefined> {
  const socket = connect(destination(to));
  const accepted = once(socket, 'connect').then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code ?? error.message,
  );
  const code = await accepted;
  socket.destroy();
  return code;
}

function destination(to: string): NetConnectOpts {
  if (to.startsWith('/')) return { path: to };
  const { hostname, port } = new URL(to);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) };
}
