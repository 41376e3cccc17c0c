import { once } from 'node:events';
import { connect, type ClientHttp2Session, type SecureClientSessionOptions } from 'node:http2';
import { ca } from './certificates.js';
import type { Answer, Asked } from './http-client.js';

/** One HTTP/2 session. */
export class Http2Client {
  private constructor(readonly session: ClientHttp2Session) {
    // A server that goes away is what many tests are about; their requests tell.
    session.on('error', () => undefined);
  }

  static async connect(
    url: string,
    options: SecureClientSessionOptions = {},
  ): Promise<Http2Client> {
    const session = connect(url, { ca: ca.cert, ...options });
    await once(session, 'connect');
    return new Http2Client(session);
  }

  async ask(path: string, { method = 'GET', headers, body }: Asked = {}): Promise<Answer> {
    const stream = this.session.request({ ':path': path, ':method': method, ...headers });
    stream.end(body);
    const closed = new AbortController();
    stream.once('close', () => closed.abort(new Error('the stream was closed without an answer')));
    const { signal } = closed;
    const [answered] = (await once(stream, 'response', { signal })) as [Record<string, unknown>];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    if (!stream.closed) await once(stream, 'close');
    // Node ends a stream that the server reset as it ends a whole one; only the code tells.
    if (stream.rstCode !== 0) throw new Error(`the stream was reset (${stream.rstCode})`);
    const { ':status': status, ...rest } = answered;
    return { status: Number(status), headers: rest, body: Buffer.concat(chunks).toString() };
  }

  async close(): Promise<void> {
    if (this.session.destroyed) return;
    const closed = once(this.session, 'close');
    this.session.destroy();
    await closed;
  }
}
