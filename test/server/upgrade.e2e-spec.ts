import { afterEach, describe, expect, it } from '@jest/globals';
import type { HandlerEntry, PooledServer } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const upgrading: HandlerEntry = {
  request: says('a request'),
  upgrade: (_request, socket, head) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n\r\n${head.toString()}`);
    socket.on('data', (chunk) => socket.write(chunk));
  },
  connect: (request, socket) => socket.end(`HTTP/1.1 200 OK\r\n\r\ntunnel to ${request.url}`),
  checkContinue: (_request, response) => void response.writeHead(417).end(),
};

const upgradeRequest = get('/', 'Connection: Upgrade', 'Upgrade: echo');

describe.each([
  ['http', {}],
  ['https', { tls }],
])('a request that takes the socket over, on %s', (protocol, options) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const serve = async (handler: HandlerEntry): Promise<PooledServer> => {
    const config = { name: 'a', listen: LOOPBACK, ...options };
    const server = opened.server(config, { handlers: () => ({ default: handler }) });
    await server.start();
    return server;
  };

  const clientOf = async ({ url = '' }: PooledServer): Promise<RawClient> => {
    const client = await (protocol === 'http' ? RawClient.connect(url) : RawClient.connectTls(url));
    opened.onClose(() => client.close());
    return client;
  };

  it('is upgraded by a handler that takes upgrades', async () => {
    const client = await clientOf(await serve(upgrading));
    client.send(`${upgradeRequest}first `);
    await client.until('first ');
    client.send('second');
    expect(await client.until('first second')).toMatch(/^HTTP\/1\.1 101 /);
  });

  it('is an ordinary request for a handler that takes none', async () => {
    const client = await clientOf(await serve(says('a request')));
    client.send(upgradeRequest);
    expect(await client.until('a request')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('is upgraded or not by the handler of the moment', async () => {
    const server = await serve(says('a request'));
    server.handler(() => ({ default: upgrading }));
    const first = await clientOf(server);
    first.send(upgradeRequest);
    await first.until('101 ');
    server.handler(() => ({ default: says('a request') }));
    const second = await clientOf(server);
    second.send(upgradeRequest);
    expect(await second.until('a request')).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('goes on over a restart', async () => {
    const server = await serve(upgrading);
    const client = await clientOf(server);
    client.send(upgradeRequest);
    await client.until('101 ');
    await server.restart();
    client.send('still there');
    await client.until('still there');
    expect(server.stats().connections).toBe(1);
  });

  it('is a tunnel by CONNECT', async () => {
    const client = await clientOf(await serve(upgrading));
    client.send('CONNECT there:80 HTTP/1.1\r\nHost: there:80\r\n\r\n');
    expect(await client.until('tunnel to')).toContain('tunnel to there:80');
  });

  it('is asked for with Expect: 100-continue', async () => {
    const expecting = get('/', 'Expect: 100-continue', 'Content-Length: 4');
    const refusing = await clientOf(await serve(upgrading));
    refusing.send(expecting);
    expect(await refusing.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 417 /);
    const willing = await clientOf(await serve(says('a request')));
    willing.send(expecting);
    expect(await willing.until('\r\n\r\n')).toMatch(/^HTTP\/1\.1 100 /);
  });
});
