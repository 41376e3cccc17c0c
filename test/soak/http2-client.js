import { once } from 'node:events';
import { connect } from 'node:http2';

/**
 * One client over HTTP/2. It sends nothing more on a session that was told to go away, and opens
 * another one; without keep-alive each request has a session of its own.
 */
export class Http2Client {
  #session;
  #goneAway = new WeakSet();
  connections = 0;

  constructor({ port, secure }, { keepsAlive, ca }) {
    this.origin = `${secure ? 'https' : 'http'}://127.0.0.1:${port}`;
    this.secure = secure;
    this.keepsAlive = keepsAlive;
    this.ca = ca;
  }

  async post(headers, body, signal) {
    const session = await (this.keepsAlive ? this.#kept() : this.#open());
    const stream = session.request({ ':method': 'POST', ':path': '/', ...headers }, { signal });
    stream.end(body);
    const [answered] = await once(stream, 'response');
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    if (!this.keepsAlive) session.close();
    return {
      status: answered[':status'],
      version: answered['x-version'],
      body: Buffer.concat(chunks),
      certificate: this.secure ? session.fingerprint : undefined,
    };
  }

  close() {
    this.#session?.then(
      (session) => session.close(),
      () => undefined,
    );
  }

  async #kept() {
    const current = this.#session;
    const session = await current?.catch(() => undefined);
    if (session && !session.closed && !session.destroyed && !this.#goneAway.has(session)) {
      return session;
    }
    // Those who come together open one session, not one each.
    if (current === this.#session) this.#session = this.#open();
    return this.#session;
  }

  async #open() {
    this.connections += 1;
    const session = connect(this.origin, { ca: this.ca });
    session.on('goaway', () => this.#goneAway.add(session));
    // Each request tells of its own failure.
    session.on('error', () => undefined);
    await once(session, 'connect');
    if (this.secure) session.fingerprint = session.socket.getPeerCertificate().fingerprint;
    return session;
  }
}
