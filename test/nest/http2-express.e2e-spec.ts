import { Readable } from 'node:stream';
import {
  BadRequestException,
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Module,
  Param,
  Post,
  Redirect,
  Req,
  Res,
  Sse,
  StreamableFile,
  UploadedFile,
  UseInterceptors,
  type MiddlewareConsumer,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FileInterceptor } from '@nestjs/platform-express';
import { WsAdapter } from '@nestjs/platform-ws';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Request, Response } from 'express';
import { HttpPoolModule, PoolService, Server, type PooledServer } from 'nestjs-http-pool';
import { of } from 'rxjs';
import { WebSocket } from 'ws';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ca } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import type { Answer } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { protocols, type Client } from '../support/protocols.js';
import type { Asking } from '../handler/http2/support/side-by-side.js';

@Controller()
class EchoController {
  @Get('json')
  json(@Req() request: Request): object {
    return { hostname: request.hostname, ip: request.ip, seen: request.headers['x-seen'] };
  }

  @Get('items/:id')
  item(@Param('id') id: string): string {
    if (id === 'bad') throw new BadRequestException('no such item');
    return id;
  }

  @Post('body')
  @HttpCode(202)
  @Header('x-header', 'set')
  body(@Body() body: unknown): unknown {
    return body;
  }

  @Post('upload')
  @UseInterceptors(FileInterceptor('file'))
  upload(@UploadedFile() file: { originalname: string; buffer: Buffer }): unknown {
    return [file.originalname, file.buffer.toString()];
  }

  @Get('redirect')
  @Redirect('/json', 301)
  redirect(): void {}

  @Get('file')
  file(): StreamableFile {
    return new StreamableFile(Readable.from(['a file', ' in two']), { type: 'text/plain' });
  }

  @Sse('events')
  events(): unknown {
    return of({ data: 'one' }, { data: 'two' });
  }

  @Get('cookie')
  cookie(@Res({ passthrough: true }) response: Response): string {
    response.cookie('a', '1');
    return 'baked';
  }

  @Get('server')
  server(@Server() server: PooledServer): boolean {
    return server.config.listen === LOOPBACK;
  }

  @Get('broken')
  broken(): never {
    throw new Error('out of order');
  }
}

@WebSocketGateway()
class ShoutGateway {
  @SubscribeMessage('shout')
  shout(@MessageBody() text: string): object {
    return { event: 'shouted', data: text.toUpperCase() };
  }
}

const multipart =
  '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--b--\r\n';
const post = (type: string, body: string): Asking => ({
  method: 'POST',
  headers: { 'content-type': type },
  body,
});

const BEHAVIOURS: [what: string, path: string, asking: Asking, expected: Partial<Answer>][] = [
  [
    'answers JSON, after its middleware',
    '/json',
    {},
    { body: '{"hostname":"127.0.0.1","ip":"127.0.0.1","seen":"1"}' },
  ],
  ['reads a parameter', '/items/7', {}, { body: '7' }],
  ['answers an exception', '/items/bad', {}, { status: 400 }],
  ['reads JSON', '/body', post('application/json', '{"a":1}'), { status: 202, body: '{"a":1}' }],
  [
    'reads a form',
    '/body',
    post('application/x-www-form-urlencoded', 'a=1'),
    { body: '{"a":"1"}' },
  ],
  [
    'reads an upload',
    '/upload',
    post('multipart/form-data; boundary=b', multipart),
    { body: '["a.txt","hello"]' },
  ],
  ['redirects', '/redirect', {}, { status: 301 }],
  ['streams a file', '/file', {}, { body: 'a file in two' }],
  [
    'sends events',
    '/events',
    {},
    { status: 200, body: expect.stringContaining('data: two') as never },
  ],
  ['sets a cookie', '/cookie', {}, { body: 'baked' }],
  ['finds its server', '/server', {}, { body: 'true' }],
  ['answers what it did not expect', '/broken', {}, { status: 500 }],
  ['answers 404', '/none', {}, { status: 404 }],
  ['answers HEAD', '/json', { method: 'HEAD' }, { body: '' }],
];

const servers = protocols.map(({ name, options }) => ({ name, listen: LOOPBACK, ...options }));

class Middleware {
  configure(consumer: MiddlewareConsumer): void {
    consumer
      .apply((request: Request, _response: Response, next: () => void) => {
        request.headers['x-seen'] = '1';
        next();
      })
      .forRoutes('*path');
  }
}

@Module({
  imports: [HttpPoolModule.forRoot(servers)],
  controllers: [EchoController],
  providers: [ShoutGateway],
})
class WholeApp extends Middleware {}

@Module({
  imports: [
    HttpPoolModule.forRoot(servers),
    HttpPoolModule.forFeature({
      server: servers.map(({ name }) => name),
      controllers: [EchoController],
    }),
  ],
  providers: [ShoutGateway],
})
class FeatureApp extends Middleware {}

describe.each([
  ['the application', WholeApp],
  ['controllers of a server', FeatureApp],
])('Nest on Express over each protocol: %s', (_name, App) => {
  const opened = new Opened();
  const clients = new Map<string, Client>();

  beforeAll(async () => {
    const app = await NestFactory.create(App, { logger: false });
    opened.onClose(() => app.close());
    await app.init();
    const pool = app.get(PoolService);
    for (const { name, connect } of protocols) {
      const client = await connect(pool.get(name)?.url ?? '');
      clients.set(name, client);
      opened.onClose(() => client.close());
    }
  });
  afterAll(() => opened.closeAll());

  it.each(BEHAVIOURS)('%s', async (_what, path, asking, expected) => {
    for (const [name, client] of clients) {
      const { status, body } = await client.ask(path, asking);
      expect({ name, status, body }).toMatchObject({ name, ...expected });
    }
  });
});

describe('Nest on Express over HTTP/2', () => {
  const opened = new Opened();
  afterAll(() => opened.closeAll());

  it('shares the server with its gateways', async () => {
    const app = await NestFactory.create(WholeApp, { logger: false });
    opened.onClose(() => app.close());
    app.useWebSocketAdapter(new WsAdapter(app));
    await app.init();
    const url = app.get(PoolService).get('h2')?.url ?? '';
    const socket = new WebSocket(url.replace('https', 'wss'), { ca: ca.cert });
    opened.onClose(() => socket.terminate());
    await once(socket, 'open');
    socket.send(JSON.stringify({ event: 'shout', data: 'hello' }));
    expect(String((await once(socket, 'message'))[0])).toContain('HELLO');
  });
});
