import { once } from 'node:events';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { ca } from './certificates.js';

/** An answer that was read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

export interface HttpOptions extends Asked {
  /** A connection of its own without. */
  readonly agent?: HttpAgent | HttpsAgent;
  readonly socketPath?: string;
  /** The address that it comes from. */
  readonly localAddress?: string;
  /** The SNI name, which is also the name the certificate is checked for. */
  readonly servername?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly maxVersion?: 'TLSv1.2';
  /** For a certificate that no authority signed. */
  readonly rejectUnauthorized?: false;
  readonly signal?: AbortSignal;
}

/** With the name in the certificate that a new connection was shown. */
export interface TlsAnswer extends Answer {
  readonly certificateName: string;
}

/** Asks and reads the whole answer over HTTP/1.1. */
export async function ask(url: string | URL, options: HttpOptions = {}): Promise<TlsAnswer> {
  const { body, agent = false, ...rest } = options;
  const target = new URL(url);
  const secure = target.protocol === 'https:';
  const request = secure
    ? httpsRequest(target, { ca: ca.cert, ...rest, agent })
    : httpRequest(target, { ...rest, agent });
  request.end(body);
  let certificateName = '';
  request.once('socket', (socket) => {
    // One that is kept has shown it before.
    if (!socket.connecting) return;
    socket.once('secureConnect', () => {
      // A resumed session shows no certificate.
      const { subject } = (socket as TLSSocket).getPeerCertificate() as Partial<PeerCertificate>;
      certificateName = String(subject?.CN ?? '');
    });
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const text = await readText(response);
  const { statusCode: status = 0, headers } = response;
  return { status, headers, body: text, certificateName };
}

/** The body alone. */
export async function text(url: string | URL | undefined, options?: HttpOptions): Promise<string> {
  if (url === undefined) throw new Error('the server is not bound');
  return (await ask(url, options)).body;
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** One connection that is kept between requests. */
export function keepAlive(secure = false): HttpAgent | HttpsAgent {
  const options = { keepAlive: true, maxSockets: 1 };
  return secure ? new HttpsAgent(options) : new HttpAgent(options);
}
