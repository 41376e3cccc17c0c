import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Server } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer } from '../../lib/index.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';
import { protocols, type Protocol } from '../support/protocols.js';
import { RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

/** Node's server behind a request. */
function serverBehind(request: IncomingMessage): Server {
  const { session } = (request as unknown as Partial<Http2ServerRequest>).stream ?? {};
  return ((session?.socket ?? request.socket) as unknown as { server: Server }).server;
}

const ways: Record<string, (server: Server) => Promise<unknown>> = {
  '/callback': (server) => new Promise((resolve) => server.close(resolve)),
  '/nothing': async (server) => server.close() === server,
  '/dispose': (server) =>
    server[Symbol.asyncDispose]().catch((error: unknown) => error) as Promise<unknown>,
};

const handlers = () => ({
  default: async (request: IncomingMessage, response: ServerResponse) => {
    const way = ways[request.url!];
    if (way === undefined) return void response.end(String(request.socket.remotePort));
    const outcome = await way(serverBehind(request));
    const { code } = (outcome ?? {}) as NodeJS.ErrnoException;
    response.end(code ?? String(outcome));
  },
});

async function serve({ options }: Protocol): Promise<PooledServer> {
  const server = opened.server(
    { name: 'a', listen: LOOPBACK, readHeaderTimeout: '200ms', ...options },
    { handlers },
  );
  await server.start();
  return server;
}

describe.each(protocols)("a handler that closes Node's server: $name", (protocol) => {
  it.each([
    ['with a callback', '/callback', 'ERR_SERVER_NOT_RUNNING'],
    ['without one', '/nothing', 'true'],
    ['by disposing it', '/dispose', /^(ERR_SERVER_NOT_RUNNING|undefined)$/],
  ])('%s leaves the connections and the timeouts as they are', async (_, path, answered) => {
    const server = await serve(protocol);
    const url = server.url!;
    const [client, idle] = [await protocol.connect(url), await protocol.connect(url)];
    opened.onClose(() => client.close());
    opened.onClose(() => idle.close());
    const ports = [await client.ask('/'), await idle.ask('/')].map((answer) => answer.body);
    const { body } = await client.ask(path);
    expect(body).toMatch(answered);
    // By the same connections as before.
    expect((await client.ask('/')).body).toBe(ports[0]);
    expect((await idle.ask('/')).body).toBe(ports[1]);
    const secure = url.startsWith('https:');
    const slow = await (secure ? RawClient.connectTls(url) : RawClient.connect(url));
    opened.onClose(() => slow.close());
    slow.send('GET / HTTP/1.1\r\nHost: loc');
    await slow.closed;
  });
});
