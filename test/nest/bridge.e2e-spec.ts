import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { Server } from 'node:http';
import { Body, Controller, Get, Module, Post } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule } from '../../lib/http-pool.module.js';
import { Http2Client } from '../support/http2-client.js';
import { Opened, platforms, textOf, urlOf } from './support/adapters.js';

@Controller()
class EchoController {
  @Get()
  hello(): string {
    return 'hello';
  }

  @Post()
  echo(@Body() body: unknown): unknown {
    return body;
  }
}

const module = (servers: Parameters<typeof HttpPoolModule.forRoot>[0]) => {
  class App {}
  Module({ imports: [HttpPoolModule.forRoot(servers)], controllers: [EchoController] })(App);
  return App;
};
const web = [{ name: 'web', listen: '127.0.0.1:0' }];

/** Sends raw text and resolves to what comes first. */
async function exchange(url: string, text: string): Promise<{ answer: string; socket: Socket }> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.setEncoding('utf8');
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [string];
  return { answer, socket };
}

const UPGRADE = 'GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n';

describe.each(platforms)('the application as a handler on $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('parses bodies and answers 404 as the application does', async () => {
    const app = opened.app(await create(module(web)));
    await app.init();
    const answer = await fetch(urlOf(app, 'web'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ a: 1 }),
    });
    expect(await answer.json()).toEqual({ a: 1 });
    expect((await fetch(urlOf(app, 'web', '/nothing'))).status).toBe(404);
  });

  it('hands upgrades to listeners that came before the start, and to those that came after', async () => {
    const app = opened.app(await create(module(web)));
    const server = app.getHttpServer() as Server;
    await app.init();
    const url = urlOf(app, 'web');
    const plain = await exchange(url, UPGRADE.replace('/chat', '/'));
    expect(plain.answer).toContain('200 OK');
    plain.socket.destroy();

    const upgrade = function (this: unknown, _request: unknown, socket: Socket): void {
      expect(this).toBe(server);
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\n\r\n');
    };
    server.on('upgrade', upgrade);
    const upgraded = await exchange(url, UPGRADE);
    expect(upgraded.answer).toContain('101 Switching Protocols');
    upgraded.socket.destroy();

    server.off('upgrade', upgrade);
    const again = await exchange(url, UPGRADE.replace('/chat', '/'));
    expect(again.answer).toContain('200 OK');
    again.socket.destroy();
  });

  it('hands CONNECT and Expect: 100-continue to their listeners', async () => {
    const app = opened.app(await create(module(web)));
    const server = app.getHttpServer() as Server;
    server.on('connect', (_request, socket) => socket.end('HTTP/1.1 200 Connected\r\n\r\n'));
    server.on('checkContinue', (_request, response) => response.writeHead(417).end());
    await app.init();
    const { answer, socket } = await exchange(
      urlOf(app, 'web'),
      'CONNECT other:1 HTTP/1.1\r\nHost: other:1\r\n\r\n',
    );
    expect(answer).toContain('200 Connected');
    socket.destroy();

    const request = httpRequest(urlOf(app, 'web'), {
      method: 'POST',
      headers: { expect: '100-continue', 'content-length': 2 },
    });
    request.flushHeaders();
    const [response] = (await once(request, 'response')) as [{ statusCode: number }];
    expect(response.statusCode).toBe(417);
    request.destroy();
  });

  it('ends the socket where one listener throws behind another whose promise rejects', async () => {
    const app = opened.app(await create(module(web)));
    const server = app.getHttpServer() as Server;
    const reject = (): unknown => Promise.reject(new Error('out of order'));
    server.on('upgrade', reject);
    server.on('upgrade', () => {
      throw new Error('out of order');
    });
    await app.init();
    const { answer, socket } = await exchange(
      urlOf(app, 'web'),
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n',
    );
    expect(answer).toContain('500 Internal');
    socket.destroy();
  });

  it('calls every request listener, and a once listener once', async () => {
    const app = opened.app(await create(module(web)));
    const server = app.getHttpServer() as Server;
    const seen: string[] = [];
    server.on('request', () => seen.push('on'));
    server.once('request', () => seen.push('once'));
    await app.init();
    await textOf(urlOf(app, 'web'));
    await textOf(urlOf(app, 'web'));
    expect(seen).toEqual(['on', 'once', 'on']);
    server.prependListener('request', (request) => seen.push(request.url ?? ''));
    await textOf(urlOf(app, 'web', '/?x'));
    expect(seen).toEqual(['on', 'once', 'on', '/?x', 'on']);
  });

  it('serves HTTP/2', async () => {
    const app = opened.app(await create(module([{ ...web[0]!, protocol: 'http2' }])));
    await app.init();
    const client = await Http2Client.connect(urlOf(app, 'web'));
    const { status } = await client.ask('/none');
    await client.close();
    expect(status).toBe(404);
  });

  it('takes the listeners it added off the application’s server', async () => {
    const app = opened.app(await create(module(web)));
    const server = app.getHttpServer() as Server;
    await app.init();
    expect(server.listenerCount('newListener')).toBe(1);
    await app.close();
    expect(server.listenerCount('newListener') + server.listenerCount('removeListener')).toBe(0);
  });
});
