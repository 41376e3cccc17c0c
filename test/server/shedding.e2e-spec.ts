import { once } from 'node:events';
import { request as ask } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { WebSocketServer } from 'ws';
import {
  ServerErrorCode,
  type PooledServer,
  type ServerError,
  type ServerOptions,
} from '../../lib/index.js';
import { thrown } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened } from '../support/opened.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const upgrade =
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';

async function serve(options: Partial<ServerOptions>): Promise<PooledServer> {
  const sockets = new WebSocketServer({ noServer: true });
  const server = opened.server(
    { name: 'a', listen: LOOPBACK, ...options },
    {
      handlers: () => ({
        default: {
          request: (_request, response) => response.end('hello'),
          upgrade: (request, socket, head) =>
            sockets.handleUpgrade(request, socket, head, () => undefined),
        },
      }),
    },
  );
  await server.start();
  return server;
}

/** A connection with the head of the answer to an upgrade. */
async function upgraded({ address }: PooledServer): Promise<[Socket, string]> {
  const socket = connect(address as { host: string; port: number });
  opened.onClose(() => socket.destroy());
  socket.write(upgrade);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return [socket, answer.toString()];
}

describe('maxUpgraded', () => {
  it('answers an upgrade above it with 503, and takes one again when another has gone', async () => {
    const server = await serve({ maxUpgraded: 2 });
    const [first, answer] = await upgraded(server);
    expect(answer).toMatch(/^HTTP\/1.1 101/);
    await upgraded(server);
    const [, refused] = await upgraded(server);
    expect(refused).toMatch(/^HTTP\/1.1 503[^]*Retry-After: 1/i);
    // Requests are none of its business.
    const plain = await fetch(server.url!);
    expect(plain.status).toBe(200);
    first.destroy();
    for (;;) {
      const [, again] = await upgraded(server);
      if (/^HTTP\/1.1 101/.test(again)) break;
    }
  });
});

describe('overload', () => {
  /** Requests that come in while the loop stands still. */
  const lateAnswer = async ({ url }: PooledServer, ms: number): Promise<IncomingMessage> => {
    const request = ask(url!, { agent: false });
    await once(request, 'socket');
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    request.end();
    await once(request.socket!, 'connect');
    const end = performance.now() + ms;
    while (performance.now() < end);
    const [response] = await answered;
    response.resume();
    return response;
  };

  it('answers 503 while the event loop is late by more, and 200 when it is not', async () => {
    const server = await serve({ overload: { eventLoopDelay: '150ms', retryAfter: 7 } });
    const other = await serve({ name: 'b', overload: { eventLoopDelay: '1h' } });
    const response = await lateAnswer(server, 400);
    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('7');
    expect((await lateAnswer(other, 400)).statusCode).toBe(200);
    for (;;) {
      const { status } = await fetch(server.url!);
      if (status === 200) break;
    }
  });

  it('is healthy all the same: shedding is no illness', async () => {
    const server = await serve({ overload: { eventLoopDelay: '1ms' }, monitor: { path: '/' } });
    await server.healthCheck();
  });

  it('needs to know from which delay on', () => {
    const options = { name: 'a', listen: LOOPBACK, overload: {} } as ServerOptions;
    const error = thrown<ServerError>(() => opened.server(options));
    expect(error.code).toBe(ServerErrorCode.ERR_SERVER_VALIDATE);
    expect(error.issues[0]!.path).toBe('overload.eventLoopDelay');
  });
});
