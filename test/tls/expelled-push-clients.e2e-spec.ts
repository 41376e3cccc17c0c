import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Handler, PooledServer, TlsOptions } from '../../lib/index.js';
import { ca, client, clientCa, tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const trusting: TlsOptions = { ...tls, authClient: 'require', clientCA: clientCa.cert };
/** As after the client's CA was removed. */
const changed: TlsOptions = { ...trusting, clientCA: ca.cert };

type Protocol = 'http1' | 'http2';

/** Has the client go on sending until the connection is closed: what comes keeps a half-closed one open. */
function sendWithoutEnd(to: RawClient, bytes: string): void {
  const send = (): void => {
    if (to.socket.destroyed || !to.socket.writable) return;
    to.socket.write(bytes, 'latin1', () => setTimeout(send, 20));
  };
  send();
}

/** Answers without end. */
function stream(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  const timer = setInterval(() => response.write('data: secret\n\n'), 20);
  response.on('close', () => clearInterval(timer));
}

interface Served {
  readonly server: PooledServer;
  readonly late: (() => void)[];
  change(): Promise<unknown>;
}

async function serve(protocol: Protocol): Promise<Served> {
  const late: (() => void)[] = [];
  const wss = new WebSocketServer({ noServer: true });
  const tunnel = (socket: Socket, head: string): void => {
    socket.write(`${head}\r\n\r\nopen`);
    // It never ends its side.
    socket.on('data', () => undefined).on('end', () => undefined);
  };
  const handler: Handler = {
    request: (request: IncomingMessage, response: ServerResponse) => {
      if (request.url === '/late') late.push(() => stream(response));
      else stream(response);
    },
    upgrade: (request, socket, head) => {
      if (request.headers.upgrade === 'websocket') {
        wss.handleUpgrade(request, socket, head, (ws) => ws.on('message', () => ws.send('open')));
      } else {
        tunnel(
          socket as Socket,
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade',
        );
      }
    },
    connect: (_request, socket) => {
      // Over HTTP/2 it is an answer.
      const answer = socket as unknown as ServerResponse;
      if (!('writeHead' in socket)) return tunnel(socket as Socket, 'HTTP/1.1 200 OK');
      answer.writeHead(200);
      answer.write('open');
    },
  };
  const server = opened.server(
    // No timeout is to end what a change of trust should.
    {
      name: 'a',
      listen: LOOPBACK,
      tls: trusting,
      protocol,
      idleTimeout: '1h',
      shutdown: { timeout: '1h' },
    },
    { handlers: () => ({ default: handler }) },
  );
  await server.start();
  return { server, late, change: () => server.setConfig({ ...server.config, tls: changed }) };
}

/** @param allowHalfOpen Whether it goes on when the server has ended its side */
async function overHttp1({ server }: Served, allowHalfOpen = false): Promise<RawClient> {
  const raw = await RawClient.connectTls(server.url!, { ...client, allowHalfOpen } as never);
  opened.onClose(() => raw.close());
  return raw;
}

const webSocketHead = get(
  '/',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
);
/** A frame of text, masked by zeros. */
const frame = '\x81\x81\0\0\0\0x';

describe.each<Protocol>(['http1', 'http2'])(
  'over HTTP/1.1 of a server with %s, after a change of trust',
  (protocol) => {
    it.each<[string, string, string, string]>([
      ['an upgraded connection', get('/', 'Connection: Upgrade', 'Upgrade: x'), 'open', 'x'],
      ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n', 'open', 'x'],
      ['a WebSocket', webSocketHead + frame, 'open', frame],
    ])('%s ends, whatever its client sends', async (_, head, mark, bytes) => {
      const served = await serve(protocol);
      const raw = await overHttp1(served, true);
      raw.send(head);
      await raw.until(mark);
      sendWithoutEnd(raw, bytes);
      await served.change();
      await raw.closed;
      await served.server.stop();
    });

    it('server-sent events end', async () => {
      const served = await serve(protocol);
      const raw = await overHttp1(served);
      raw.send(get('/'));
      await raw.until('data: secret');
      await served.change();
      await raw.closed;
    });

    it('a WebSocket is told so', async () => {
      const served = await serve(protocol);
      const raw = await overHttp1(served);
      raw.send(webSocketHead + frame);
      await raw.until('open');
      await served.change();
      await raw.until('\x88\x02\x03\xe9');
      await raw.closed;
    });

    it('server-sent events end that begin then', async () => {
      const served = await serve(protocol);
      const raw = await overHttp1(served);
      raw.send(get('/late'));
      while (served.late.length === 0) await new Promise(setImmediate);
      await served.change();
      served.late[0]!();
      await raw.closed;
      expect(raw.received).toContain('data: secret');
    });
  },
);

describe('over HTTP/2, after a change of trust', () => {
  const session = ({ server }: Served): ClientHttp2Session => {
    const { port } = server.address as { port: number };
    const made = connectHttp2(`https://localhost:${port}`, { ca: ca.cert, ...client });
    made.on('error', () => undefined);
    opened.onClose(() => made.destroy());
    return made;
  };

  it.each([
    ['server-sent events', { ':path': '/' }],
    ['a tunnel', { ':method': 'CONNECT', ':authority': 'a:1' }],
  ])('%s and their connection end', async (_, headers) => {
    const served = await serve('http2');
    const made = session(served);
    const asked = made.request(headers);
    asked.on('error', () => undefined);
    await once(asked, 'data');
    asked.resume();
    const closed = once(made, 'close');
    await served.change();
    await closed;
  });

  it('server-sent events end that begin then', async () => {
    const served = await serve('http2');
    const made = session(served);
    const asked = made.request({ ':path': '/late' });
    asked.on('error', () => undefined).resume();
    while (served.late.length === 0) await new Promise(setImmediate);
    const closed = once(made, 'close');
    await served.change();
    served.late[0]!();
    await closed;
  });
});
