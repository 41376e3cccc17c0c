import { once } from 'node:events';
import { WebSocket, WebSocketServer, type ServerOptions as WsOptions } from 'ws';
import { afterEach, describe, expect, it } from '@jest/globals';
import { serverOf, type Handler, type PooledServer, type ServerOptions } from '../../lib/index.js';
import { ca, tls } from '../support/certificates.js';
import { gate } from '../support/events.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { get, RawClient, refusal } from '../support/raw-client.js';

const GOING_AWAY = '\x88\x02\x03\xe9';

const handshake = get(
  '/',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
);

/** A handler as a user of `ws` writes it; every connection is told the name of its server. */
function webSockets(options: WsOptions = {}): { handler: Handler; wss: WebSocketServer } {
  const wss = new WebSocketServer({ ...options, noServer: true });
  wss.on('connection', (ws, request) => {
    ws.on('message', (data: Buffer) => ws.send(`${serverOf(request)?.name}: ${data.toString()}`));
  });
  const handler: Handler = {
    request: says('a request'),
    upgrade: (request, socket, head) =>
      wss.handleUpgrade(request, socket, head, (ws) => wss.emit('connection', ws, request)),
  };
  return { handler, wss };
}

const closeOf = async (client: WebSocket): Promise<number> =>
  ((await once(client, 'close')) as [number])[0];

const answerOf = async (client: WebSocket, message: string): Promise<string> => {
  client.send(message);
  return String(((await once(client, 'message')) as [Buffer])[0]);
};

describe.each([
  ['http', {}],
  ['https', { tls }],
  ['h2 with its fallback to HTTP/1.1', { tls, protocol: 'http2' }],
] as [string, Partial<ServerOptions>][])('WebSockets on %s', (_protocol, options) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const serve = async (handler: Handler, more: Partial<ServerOptions> = {}) => {
    const config = { name: 'a', listen: LOOPBACK, ...options, ...more };
    const server = opened.server(config, { handlers: () => ({ default: handler }) });
    await server.start();
    return server;
  };

  const connect = async ({ url = '' }: PooledServer): Promise<WebSocket> => {
    const client = new WebSocket(url.replace('http', 'ws'), { ca: ca.cert });
    opened.onClose(() => client.terminate());
    await once(client, 'open');
    return client;
  };

  const rawClient = async ({ url = '' }: PooledServer): Promise<RawClient> => {
    const client = await (options.tls ? RawClient.connectTls(url) : RawClient.connect(url));
    opened.onClose(() => client.close());
    return client;
  };

  it('are closed with 1001 when their server drains, and nothing is cut', async () => {
    const server = await serve(webSockets().handler);
    const clients = await Promise.all([connect(server), connect(server)]);
    expect(await answerOf(clients[0]!, 'hello')).toBe('a: hello');
    const closes = clients.map(closeOf);
    const report = await server.stop();
    expect(await Promise.all(closes)).toEqual([1001, 1001]);
    expect(report).toMatchObject({ timedOut: false, cut: { upgraded: 0 } });
  });

  it('are served through the delay before the drain', async () => {
    const server = await serve(webSockets().handler, { shutdown: { delay: '1h' } });
    const client = await connect(server);
    const stopping = server.stop();
    await answerOf(client, 'a turn of the loop');
    expect(server.state).toBe('draining');
    expect(await answerOf(client, 'still here')).toBe('a: still here');
    const closed = closeOf(client);
    // A second stop is in a hurry, and ends the delay.
    await server.stop({ timeout: '5s' });
    expect(await closed).toBe(1001);
    expect((await stopping).timedOut).toBe(false);
  });

  it('go on through a restart, a change of the transport and one of the address', async () => {
    const server = await serve(webSockets().handler);
    const client = await connect(server);
    await server.restart();
    expect(await answerOf(client, 'one')).toBe('a: one');
    const protocol = server.config.protocol === 'http2' ? 'http1' : 'http2';
    await server.setConfig({ ...server.config, protocol });
    expect(await answerOf(client, 'two')).toBe('a: two');
    await server.setConfig({ ...server.config, listen: '[::1]:0' });
    expect(await answerOf(client, 'three')).toBe('a: three');
    const closed = closeOf(client);
    await server.stop();
    expect(await closed).toBe(1001);
  });

  it.each([
    ['plain', {}],
    ['compressed', { perMessageDeflate: { threshold: 0 } }],
  ])('get a %s message that is on its way whole, and then the close', async (_how, wsOptions) => {
    const { handler, wss } = webSockets(wsOptions);
    const server = await serve(handler);
    const client = await connect(server);
    const sent = Buffer.alloc(8 * 2 ** 20, 'abcdefg');
    const received = once(client, 'message');
    const closed = closeOf(client);
    for (const ws of wss.clients) ws.send(sent);
    const report = await server.stop();
    expect(sent.equals(((await received) as [Buffer])[0])).toBe(true);
    expect(await closed).toBe(1001);
    expect(report.timedOut).toBe(false);
  });

  it('are cut by the grace when the client does not answer the close', async () => {
    const server = await serve(webSockets().handler);
    const client = await rawClient(server);
    client.send(handshake);
    await client.until('\r\n\r\n');
    const stopping = server.stop({ timeout: '1h' });
    await client.until(GOING_AWAY);
    await server.stop({ timeout: 0 });
    expect(await stopping).toMatchObject({ timedOut: true, cut: { upgraded: 1 } });
  });

  it('are closed too when the drain begins during their handshake', async () => {
    const { handler } = webSockets();
    const held = gate();
    const asked = gate();
    const server = await serve({
      ...handler,
      upgrade: (...args) => {
        asked.open();
        void held.opened.then(() => handler.upgrade?.(...args));
      },
    });
    const connecting = connect(server);
    await asked.opened;
    const { url = '' } = server;
    const stopping = server.stop();
    // From then on it drains.
    while ((await refusal(url)) === undefined);
    held.open();
    const client = await connecting;
    expect(await closeOf(client)).toBe(1001);
    expect((await stopping).timedOut).toBe(false);
  });

  it('leave other upgraded connections alone', async () => {
    const tunnel: Handler = {
      request: says('a request'),
      upgrade: (_request, socket) => void socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
    };
    const server = await serve(tunnel);
    const client = await rawClient(server);
    client.send(handshake);
    const head = await client.until('\r\n\r\n');
    const report = await server.stop({ timeout: '50ms' });
    await client.closed;
    expect(client.received).toBe(head);
    expect(report).toMatchObject({ timedOut: true, cut: { upgraded: 1 } });
  });
});
