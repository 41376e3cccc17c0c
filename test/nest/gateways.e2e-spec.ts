import { once } from 'node:events';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { join } from 'node:path';
import { Controller, Get, Module, type INestApplication, type Type } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  MessageBody,
  SubscribeMessage,
  WebSocketGateway,
  type OnGatewayConnection,
} from '@nestjs/websockets';
import { HttpPoolModule, PoolService, Server, serverOf, type PooledServer } from 'nestjs-http-pool';
import { io, type ManagerOptions, type Socket } from 'socket.io-client';
import { WebSocket } from 'ws';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ca, tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { RawClient } from '../support/raw-client.js';
import { platforms, urlOf } from './support/adapters.js';

@Controller()
class HelloController {
  @Get()
  hello(): string {
    return 'hello';
  }
}

@Controller()
class AdminController {}

/** Handlers of messages are the same for both adapters. */
class Gateway {
  @SubscribeMessage('where')
  where(@MessageBody() asked: string, @Server() server: PooledServer | undefined): unknown {
    return { event: 'here', data: `${asked} ${server?.name}` };
  }
}

@WebSocketGateway({ path: '/chat' })
class WsGateway extends Gateway implements OnGatewayConnection {
  handleConnection(client: WebSocket, request: IncomingMessage): void {
    client.send(JSON.stringify({ event: 'welcome', data: serverOf(request)?.name }));
  }
}

@WebSocketGateway()
class IoGateway extends Gateway {}

const opened = new Opened();
let folder = '';
beforeEach(async () => {
  folder = await opened.folder();
});
afterEach(() => opened.closeAll());

const serverNames = ['http', 'https', 'unix'];

const start = async (
  create: (module: Type) => Promise<INestApplication>,
  gateway: Type,
  adapter: (app: INestApplication) => WsAdapter | IoAdapter,
): Promise<INestApplication> => {
  const servers = [
    { name: 'http', listen: LOOPBACK },
    { name: 'https', listen: LOOPBACK, tls },
    { name: 'unix', listen: `unix:${join(folder, 'http.sock')}` },
    { name: 'admin', listen: LOOPBACK },
  ];
  class App {}
  Module({
    imports: [
      HttpPoolModule.forRoot(servers),
      HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminController] }),
    ],
    controllers: [HelloController],
    providers: [gateway],
  })(App);
  const app = await create(App);
  opened.onClose(() => app.close());
  app.useWebSocketAdapter(adapter(app));
  return app.init();
};

describe.each(platforms)('gateways on $name', ({ create }) => {
  describe('by the ws adapter', () => {
    const startWs = () => start(create, WsGateway, (app) => new WsAdapter(app));

    const open = (app: INestApplication, server: string): WebSocket => {
      const address =
        server === 'unix'
          ? `ws+unix:${join(folder, 'http.sock')}:/chat`
          : urlOf(app, server, '/chat').replace('http', 'ws');
      const client = new WebSocket(address, { ca: ca.cert });
      opened.onClose(() => client.terminate());
      return client;
    };

    const next = async (client: WebSocket): Promise<unknown> => {
      const [data] = (await once(client, 'message')) as [Buffer];
      return JSON.parse(String(data)) as unknown;
    };

    it.each(serverNames)('answer on %s, and know the server', async (server) => {
      const client = open(await startWs(), server);
      expect(await next(client)).toEqual({ event: 'welcome', data: server });
      client.send(JSON.stringify({ event: 'where', data: 'it is' }));
      expect(await next(client)).toEqual({ event: 'here', data: `it is ${server}` });
    });

    it.each(['http', 'https'])(
      'outlive clients on %s that ask for an upgrade of //, and reset the connection',
      async (server) => {
        const app = await startWs();
        const url = urlOf(app, server, '/');
        const request =
          'GET // HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
        const secure = server === 'https';
        for (let count = 0; count < 100; count += 1) {
          const client = await (secure ? RawClient.connectTls(url) : RawClient.connect(url));
          client.send(request);
          // Some before the server has read it, some within its answer.
          if (count % 3 > 0) await new Promise(setImmediate);
          if (secure) client.socket.destroy();
          else client.socket.resetAndDestroy();
          await client.closed;
        }
        expect(await text(url)).toBe('hello');
        expect(await next(open(app, server))).toEqual({ event: 'welcome', data: server });
      },
    );

    it('close the clients of the one server that drains with 1001', async () => {
      const app = await startWs();
      const clients = serverNames.map((server) => open(app, server));
      await Promise.all(clients.map(next));
      const closed = once(clients[1]!, 'close');
      const report = await app.get(PoolService).get('https')?.stop();
      expect(await closed).toEqual([1001, Buffer.alloc(0)]);
      expect(report?.timedOut).toBe(false);
      for (const client of [clients[0]!, clients[2]!]) {
        client.send(JSON.stringify({ event: 'where', data: 'still' }));
        expect(await next(client)).toMatchObject({ event: 'here' });
      }
    });

    it('close the clients of every server with 1001 when the application closes', async () => {
      const app = await startWs();
      const clients = serverNames.map((server) => open(app, server));
      await Promise.all(clients.map(next));
      const closed = clients.map(async (client) => (await once(client, 'close'))[0] as unknown);
      await app.close();
      expect(await Promise.all(closed)).toEqual([1001, 1001, 1001]);
    });

    it('are not on a server with controllers of its own', async () => {
      const client = open(await startWs(), 'admin');
      const [error] = (await once(client, 'error')) as [Error];
      expect(error.message).toBe('Unexpected server response: 404');
    });

    it('know no server for clients of app.listen()', async () => {
      const app = await startWs();
      await app.listen(0, '127.0.0.1');
      const { port } = (app.getHttpServer() as HttpServer).address() as { port: number };
      const client = new WebSocket(`ws://127.0.0.1:${port}/chat`);
      expect(await next(client)).toEqual({ event: 'welcome' });
    });
  });

  describe('by the socket.io adapter', () => {
    const startIo = () => start(create, IoGateway, (app) => new IoAdapter(app));

    const open = (
      app: INestApplication,
      server: string,
      transports: ManagerOptions['transports'],
    ): Socket => {
      const options = { transports, ca: ca.cert, forceNew: true, reconnection: false };
      const client = io(urlOf(app, server), options);
      opened.onClose(() => client.disconnect());
      return client;
    };

    const connected = async (client: Socket): Promise<void> => {
      await new Promise<void>((resolve, reject) => {
        client.once('connect', resolve);
        client.once('connect_error', reject);
      });
    };

    const answerOf = (client: Socket): Promise<unknown> => {
      const answer = new Promise((resolve) => client.once('here', resolve));
      client.emit('where', 'it is');
      return answer;
    };

    const disconnect = (client: Socket): Promise<{ reason: string; code?: unknown }> =>
      new Promise((resolve) => {
        client.once('disconnect', (reason, details) => {
          const { context } = details as { context?: { code?: unknown } };
          resolve({ reason, code: context?.code });
        });
      });

    describe.each(['http', 'https'])('on %s', (server) => {
      it.each([['polling'], ['websocket']] as const)('answer over %s', async (transport) => {
        const app = await startIo();
        const client = open(app, server, [transport]);
        await connected(client);
        expect(await answerOf(client)).toBe(`it is ${server}`);
        expect(client.io.engine.transport.name).toBe(transport);
        expect(await text(urlOf(app, server))).toBe('hello');
      });

      it('let clients upgrade from polling to a WebSocket', async () => {
        const client = open(await startIo(), server, ['polling', 'websocket']);
        await new Promise((resolve) =>
          client.io.on('open', () => client.io.engine.once('upgrade', resolve)),
        );
        expect(client.io.engine.transport.name).toBe('websocket');
        expect(await answerOf(client)).toBe(`it is ${server}`);
      });

      it('close WebSockets with 1001, and so that clients connect again', async () => {
        const app = await startIo();
        const client = open(app, server, ['websocket']);
        await connected(client);
        const gone = disconnect(client);
        const report = await app.get(PoolService).get(server)?.stop();
        // Any reason but this one has clients connect again by themselves: «io server disconnect».
        expect(await gone).toEqual({ reason: 'transport close', code: 1001 });
        expect(report?.timedOut).toBe(false);
      });
    });

    it('end waiting polls, so that a drain need not wait for their clients', async () => {
      const app = await startIo();
      const client = open(app, 'http', ['polling']);
      await connected(client);
      await answerOf(client);
      const gone = disconnect(client);
      const report = await app.get(PoolService).get('http')?.stop({ timeout: '1h' });
      expect(await gone).toMatchObject({ reason: 'transport error' });
      expect(report).toMatchObject({ timedOut: false, cut: { http1: 0 } });
    });
  });
});
