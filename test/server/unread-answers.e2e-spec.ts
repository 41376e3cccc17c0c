import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { gate } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const answer = 'x'.repeat(4_000_000);
const upload = 'y'.repeat(300_000);
const head = `POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${upload.length}\r\n\r\n`;

describe.each<[string, Partial<ServerOptions>]>([
  ['http', {}],
  ['https', { tls }],
  ['the fallback of h2', { tls, protocol: 'http2' }],
])('an answer that is not read, over %s', (_name, options) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('does not lose the request behind it', async () => {
    const [asked, askedAgain] = [gate(), gate()];
    const handler = (request: IncomingMessage, response: ServerResponse): void => {
      let bytes = 0;
      request.on('data', (chunk: Buffer) => (bytes += chunk.length));
      request.once('end', () => response.end(request.method === 'GET' ? answer : `got ${bytes}`));
      if (request.method === 'GET') return asked.open();
      response.setHeader('Connection', 'close');
      askedAgain.open();
    };
    const handlers = (): object => ({ default: handler });
    const config = { name: 'a', listen: LOOPBACK, ...options };
    const server = opened.server(config, { handlers: handlers as never });
    await server.start();
    const { url = '' } = server;
    const client = await (options.tls ? RawClient.connectTls(url) : RawClient.connect(url));
    client.socket.pause();
    client.send(get('/'));
    await asked.opened;
    client.send(head + upload);
    await askedAgain.opened;
    client.socket.resume();
    expect(await client.closed).toBeUndefined();
    expect(client.received).toContain(answer);
    expect(client.received.slice(-60)).toContain(`got ${upload.length}`);
  });
});
