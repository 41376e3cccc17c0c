import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer, ServerOptions } from '../../lib/index.js';
import { ca, tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

async function serve(
  options: Partial<ServerOptions>,
): Promise<{ server: PooledServer; seen: string[] }> {
  const seen: string[] = [];
  const server = opened.server(
    { name: 'a', listen: LOOPBACK, ...options },
    {
      handlers: () => ({
        default: (request, response) => {
          seen.push(request.url!);
          // Later than its request: what is pipelined behind has come by then.
          setImmediate(() => response.end(request.url));
        },
      }),
    },
  );
  await server.start();
  return { server, seen };
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

describe.each([
  ['http', {}],
  ['https', { tls }],
] as const)('keepAliveMaxRequests over %s', (_, options) => {
  const open = async ({ address }: PooledServer) => {
    const to = address as { host: string; port: number };
    const socket =
      'tls' in options ? connectTls({ ...to, servername: 'localhost', ca: ca.cert }) : connect(to);
    opened.onClose(() => socket.destroy());
    await once(socket, 'tls' in options ? 'secureConnect' : 'connect');
    return socket;
  };

  it('closes the connection with the answer of that number, and says so', async () => {
    const { server, seen } = await serve({ ...options, keepAliveMaxRequests: 3 });
    const socket = await open(server);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    for (const path of ['/1', '/2', '/3']) {
      socket.write(get(path));
      while (!text.endsWith(path)) await once(socket, 'data');
      expect(/connection: close/i.test(text)).toBe(path === '/3');
    }
    await once(socket, 'close');
    expect(seen).toEqual(['/1', '/2', '/3']);
    // A new connection counts anew.
    const next = await open(server);
    next.write(get('/4'));
    const [answer] = (await once(next, 'data')) as [Buffer];
    expect(answer.toString()).not.toMatch(/connection: close/i);
  });

  it('answers no more of those that were pipelined', async () => {
    const { server, seen } = await serve({ ...options, keepAliveMaxRequests: 2 });
    const socket = await open(server);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write([1, 2, 3, 4].map((index) => get(`/${index}`)).join(''));
    await once(socket, 'close');
    expect(seen).toEqual(['/1', '/2']);
    expect(text.match(/connection: close/gi)).toHaveLength(1);
    expect(text.endsWith('/2')).toBe(true);
  });

  it('comes in force on a server that runs', async () => {
    const { server } = await serve(options);
    const socket = await open(server);
    socket.write(get('/1'));
    await once(socket, 'data');
    await server.setConfig({ ...server.config, keepAliveMaxRequests: 1 });
    socket.write(get('/2'));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/connection: close/i);
  });

  it('has a time beside it: the next answer after it closes the connection', async () => {
    const { server } = await serve({ ...options, keepAliveMaxTime: 1 });
    const socket = await open(server);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    // The first answer may be quicker than that.
    for (let asked = 0; !/connection: close/i.test(text); asked += 1) {
      socket.write(get(`/${asked}`));
      while (!text.endsWith(`/${asked}`)) await once(socket, 'data');
    }
    await once(socket, 'close');
  });
});

describe.each([
  ['h2c', {}],
  ['h2', { tls }],
] as const)('keepAliveMaxRequests over %s', (_, options) => {
  it('sends the session away with the stream of that number, and loses none', async () => {
    const { server, seen } = await serve({
      ...options,
      protocol: 'http2',
      keepAliveMaxRequests: 3,
    });
    const { port } = server.address as { port: number };
    const session = connectHttp2(`${'tls' in options ? 'https' : 'http'}://localhost:${port}`, {
      ca: ca.cert,
    });
    opened.onClose(() => session.destroy());
    const away = once(session, 'goaway');
    const answers = await Promise.all(
      ['/1', '/2', '/3'].map(async (path) => {
        const stream = session.request({ ':path': path });
        let text = '';
        stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
        await once(stream, 'end');
        return text;
      }),
    );
    expect(answers).toEqual(['/1', '/2', '/3']);
    await away;
    if (!session.destroyed) await once(session, 'close');
    expect(seen).toHaveLength(3);
  });
});
