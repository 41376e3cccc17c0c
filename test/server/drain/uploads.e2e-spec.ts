import { once } from 'node:events';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer, ServerOptions } from '../../../lib/index.js';
import { tls } from '../../support/certificates.js';
import { gate } from '../../support/events.js';
import { LOOPBACK } from '../../support/handlers.js';
import { Opened } from '../../support/opened.js';
import { RawClient } from '../../support/raw-client.js';

const uploadBytes = 64 * 1024 * 1024;
const piece = 'x'.repeat(1024 * 1024);

const head = [
  'POST /upload HTTP/1.1',
  'Host: localhost',
  `Content-Length: ${uploadBytes}`,
  '',
  '',
].join('\r\n');

/** Sends the whole body before it reads a byte, as simple clients do. */
async function uploadAll(client: RawClient): Promise<void> {
  for (let sent = 0; sent < uploadBytes; sent += piece.length) {
    if (!client.socket.write(piece, 'latin1')) await once(client.socket, 'drain');
  }
}

describe.each<[string, Partial<ServerOptions>]>([
  ['http', {}],
  ['https', { tls }],
])('an answer to a large upload that is still coming, over %s', (_name, options) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const begin = async (): Promise<{
    server: PooledServer;
    client: RawClient;
    refuse: () => void;
  }> => {
    const [entered, refused] = [gate(), gate()];
    const config = { name: 'a', listen: LOOPBACK, shutdown: { timeout: '20s' }, ...options };
    const server = opened.server(config, {
      handlers: () => ({
        default: (_request, response) => {
          entered.open();
          void refused.opened.then(() => response.writeHead(413).end('too large'));
        },
      }),
    });
    await server.start();
    const { url = '' } = server;
    const client = await (options.tls ? RawClient.connectTls(url) : RawClient.connect(url));
    opened.onClose(() => client.close());
    client.socket.pause();
    client.send(head);
    await entered.opened;
    return { server, client, refuse: refused.open };
  };

  it('reaches the client while its server drains', async () => {
    const { server, client, refuse } = await begin();
    const stopped = server.stop();
    refuse();
    await uploadAll(client);
    client.socket.resume();
    expect(await client.closed).toBeUndefined();
    expect(client.received).toMatch(/^HTTP\/1\.1 413 [^]*Connection: close[^]*too large/);
    expect(await stopped).toMatchObject({ finished: 1, timedOut: false });
  });

  it('reaches the client after a restart', async () => {
    const { server, client, refuse } = await begin();
    await server.restart();
    refuse();
    await uploadAll(client);
    client.socket.resume();
    expect(await client.closed).toBeUndefined();
    expect(client.received).toMatch(/^HTTP\/1\.1 413 [^]*too large/);
  });
});
