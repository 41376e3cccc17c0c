import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, PoolService } from 'nestjs-http-pool';
import { Opened, platforms, textOf, urlOf } from './support/adapters.js';
import { ADMIN, BOTH, PUBLIC } from './support/feature-app.js';
import { Logs } from './support/logs.js';

@Controller()
class HelloController {
  @Get()
  hello(): string {
    return 'hello';
  }
}

class App {}
Module({
  imports: [
    HttpPoolModule.forRoot([PUBLIC, ADMIN]),
    HttpPoolModule.forFeature({ server: 'admin', controllers: [HelloController] }),
  ],
  controllers: [HelloController],
})(App);

/** All that the server answers to these bytes, until it ends the connection. */
async function answerTo(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(bytes);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

const expectation = (value: string): string =>
  `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: ${value}\r\n\r\n`;

function refuse(_error: Error, socket: Socket): void {
  socket.end('HTTP/1.1 418 No\r\nConnection: close\r\n\r\n');
}

describe.each(platforms)('what is set on the application’s own server, on $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const start = async (prepare: (server: Server, app: INestApplication) => void, logs?: Logs) => {
    const app = opened.app(await create(App, { logger: logs ?? false }));
    prepare(app.getHttpServer() as Server, app);
    await app.init();
    return app;
  };

  it('answers what is no HTTP on every server, as long as it is there', async () => {
    const app = await start((server) =>
      server.removeAllListeners('clientError').on('clientError', refuse),
    );
    for (const server of BOTH) {
      expect(await answerTo(urlOf(app, server), 'no http\r\n\r\n')).toMatch(/^HTTP\/1\.1 418/);
    }
    (app.getHttpServer() as Server).off('clientError', refuse);
    for (const server of BOTH) {
      expect(await answerTo(urlOf(app, server), 'no http\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
    }
    (app.getHttpServer() as Server).on('clientError', refuse);
    for (const server of BOTH) {
      expect(await answerTo(urlOf(app, server), 'no http\r\n\r\n')).toMatch(/^HTTP\/1\.1 418/);
    }
  });

  it('answers unknown expectations on every server', async () => {
    const app = await start((server) =>
      server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) =>
        response.writeHead(202, { connection: 'close' }).end('unexpected'),
      ),
    );
    for (const server of BOTH) {
      const answer = await answerTo(urlOf(app, server), expectation('the-unexpected'));
      expect(answer).toMatch(/^HTTP\/1\.1 202[^]*unexpected/);
    }
  });

  it('warns once of limits that hold there alone, set before or after the bootstrap', async () => {
    const logs = new Logs();
    const app = await start((server) => {
      server.keepAliveTimeout = 61_000;
      server.setTimeout(1_000);
    }, logs);
    const warnings = () =>
      logs.lines('HttpPool', 'warn').filter((one) => /getHttpServer/.test(one));
    expect(warnings()).toEqual([
      expect.stringMatching(/^keepAliveTimeout, timeout of .*idleTimeout/),
    ]);
    const server = app.getHttpServer() as Server;
    server.keepAliveTimeout = 62_000;
    server.headersTimeout = 63_000;
    server.headersTimeout = 64_000;
    server.maxHeadersCount = 20;
    expect(warnings().slice(1)).toEqual([
      expect.stringMatching(/^headersTimeout of /),
      expect.stringMatching(/^maxHeadersCount of .*maxHeaderBytes/),
    ]);
    expect([server.keepAliveTimeout, server.headersTimeout]).toEqual([62_000, 64_000]);
    await app.get(PoolService).beforeApplicationShutdown();
    const { value } = Object.getOwnPropertyDescriptor(server, 'headersTimeout')!;
    expect(value).toBe(64_000);
  });

  it('warns of nothing where nothing was set', async () => {
    const logs = new Logs();
    const app = await start(() => undefined, logs);
    await app.listen(0, '127.0.0.1');
    expect(await textOf(await app.getUrl())).toBe('hello');
    expect(logs.lines('HttpPool', 'warn')).toEqual([]);
  });
});

describe('the clientErrorHandler of Fastify', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('holds on every server', async () => {
    const adapter = new FastifyAdapter({
      clientErrorHandler: (error, socket) => refuse(error, socket as Socket),
    });
    const app = opened.app(
      await NestFactory.create(App, adapter, { logger: false, abortOnError: false }),
    );
    await app.init();
    for (const server of BOTH) {
      expect(await answerTo(urlOf(app, server), 'no http\r\n\r\n')).toMatch(/^HTTP\/1\.1 418/);
    }
  });
});
