import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { PooledServer, ServerOptions } from '../../lib/index.js';
import { tls } from '../support/certificates.js';
import { gate, type Gate } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

/** More than Node keeps of answers that wait behind another one: it reads no more of such a client. */
const large = Buffer.alloc(100_000, 'x');

interface Held {
  readonly response: ServerResponse;
  readonly socket: Socket;
  /** Opens when its handler is told that the client has gone. */
  readonly told: Gate;
}

/** Holds `/wait` and begins `/events`, answers `/large` and all others at once. */
const serve = async (
  options: Partial<ServerOptions>,
): Promise<{ server: PooledServer; held: Promise<Held> }> => {
  const entered = gate<Held>();
  const handler = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url === '/large') return void response.end(large);
    if (request.url === '/') return void response.end('fine');
    const told = gate();
    response.on('close', () => told.open());
    if (request.url === '/events') {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(': begun\n\n');
    }
    entered.open({ response, socket: request.socket, told });
  };
  const config = { name: 'a', listen: LOOPBACK, maxHandlers: 3, ...options };
  const server = opened.server(config, { handlers: () => ({ default: handler }) });
  await server.start();
  return { server, held: entered.opened };
};

const clientOf = async ({ url = '', config }: PooledServer): Promise<RawClient> => {
  const client = await (config.tls ? RawClient.connectTls(url) : RawClient.connect(url));
  opened.onClose(() => client.close());
  return client;
};

/** A client whose connection Node has paused, for large answers wait behind another one. */
const paused = async (server: PooledServer, path: string, behind = ''): Promise<RawClient> => {
  const client = await clientOf(server);
  client.send(get(path) + get('/large'));
  while (server.stats().requests < 2) await wait(5);
  client.send(get('/large') + behind);
  while (server.stats().requests < 3) await wait(5);
  return client;
};

const many = get('/').repeat(4000);

const leaving: [string, (client: RawClient) => unknown][] = [
  ['a half close', ({ socket }) => socket.end()],
  ['a close', ({ socket }) => socket.destroy()],
  [
    'a reset',
    ({ socket }) => ('encrypted' in socket ? socket.destroy() : socket.resetAndDestroy()),
  ],
];

describe.each([
  ['http', {}],
  ['https', { tls }],
  ['https beside HTTP/2', { tls, protocol: 'http2' }],
] as const)('over %s, a client that pipelines behind a request that waits', (_name, options) => {
  describe.each([
    ['a little', ''],
    ['more than the buffer of a socket takes', many],
  ])('%s', (_much, behind) => {
    it.each(leaving)('is missed after %s', async (_how, leave) => {
      const { server, held } = await serve(options);
      const client = await paused(server, '/wait', behind);
      leave(client);
      await (
        await held
      ).told.opened;
      while (server.stats().connections > 0) await wait(20);
      expect((await ask(server.url ?? '')).status).toBe(200);
    });
  });

  it('and leaves its server-sent events, is missed', async () => {
    const { server, held } = await serve(options);
    const client = await paused(server, '/events');
    await client.until('begun');
    client.socket.end();
    await (
      await held
    ).told.opened;
    await client.closed;
    expect(server.stats().inFlight).toBe(0);
  });

  it('and waits with it, has all of its answers', async () => {
    const { server, held } = await serve({ ...options, maxHandlers: undefined });
    const client = await paused(server, '/wait', many);
    const { response, socket } = await held;
    // All is read: it has been looked for its end.
    while (socket.bytesRead < many.length) await wait(20);
    response.end('waited for');
    client.send(get('/', 'Connection: close'));
    await client.closed;
    expect(client.received.split('HTTP/1.1 200 OK').length - 1).toBe(3 + 4000 + 1);
  });
});

it('what a handler has put in the place of the pause of its socket stays there', async () => {
  const { server, held } = await serve({});
  const client = await clientOf(server);
  client.send(get('/wait'));
  const { socket, told } = await held;
  const { pause } = socket as { pause: () => Socket };
  let calls = 0;
  const own = (): Socket => {
    calls += 1;
    return pause.call(socket);
  };
  socket.pause = own;
  client.send(get('/large') + get('/large') + get('/large'));
  while (calls === 0) await wait(5);
  expect(Object.getOwnPropertyDescriptor(socket, 'pause')?.value).toBe(own);
  client.socket.end();
  await told.opened;
});
