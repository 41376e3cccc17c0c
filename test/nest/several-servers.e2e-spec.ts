import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { Controller, Get, Module, Req, type INestApplication } from '@nestjs/common';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { HttpPoolModule } from 'nestjs-http-pool';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { tls } from '../support/certificates.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask, type HttpOptions } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';
import { platforms, urlOf } from './support/adapters.js';

/** What both adapters tell of a request. */
interface Seen {
  readonly protocol: string;
  readonly ip?: string;
  readonly hostname: string;
}

@Controller()
class SeenController {
  @Get('seen')
  seen(@Req() { protocol, ip, hostname }: Seen): Seen {
    return { protocol, ip, hostname };
  }
}

@Controller()
class AdminController extends SeenController {}

const toHttps: RequestListener = (request, response) => {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  response.writeHead(308, { location: `https://www.example.com${pathname}${search}` }).end();
};

const opened = new Opened();
let socketPath = '';
beforeEach(async () => {
  socketPath = join(await opened.folder(), 'http.sock');
});
afterEach(() => opened.closeAll());

function moduleWith(): new () => object {
  const servers = [
    { name: 'redirect', listen: LOOPBACK, handlerKey: 'redirect' },
    { name: 'http', listen: LOOPBACK },
    { name: 'https', listen: LOOPBACK, tls },
    { name: 'ipv6', listen: '[::1]:0' },
    { name: 'unix', listen: `unix:${socketPath}` },
    { name: 'admin', listen: LOOPBACK, tls },
  ];
  class App {}
  Module({
    imports: [
      HttpPoolModule.forRoot({ servers, handlers: () => ({ redirect: toHttps }) }),
      HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminController] }),
    ],
    controllers: [SeenController],
  })(App);
  return App;
}

const seenOn = async (
  app: INestApplication,
  server: string,
  headers: Record<string, string> = {},
): Promise<Seen> => {
  const options: HttpOptions = { headers: { host: 'app.test:8080', ...headers } };
  const answer =
    server === 'unix'
      ? await ask('http://localhost/seen', { ...options, socketPath })
      : await ask(urlOf(app, server, '/seen'), { ...options, servername: 'localhost' });
  return JSON.parse(answer.body) as Seen;
};

describe.each(platforms)('one application on several servers, on $name', ({ create }) => {
  const start = async () => {
    const app = await create(moduleWith());
    opened.onClose(() => app.close());
    return app.init();
  };

  it.each([
    ['http', { protocol: 'http', ip: '127.0.0.1' }],
    ['https', { protocol: 'https', ip: '127.0.0.1' }],
    ['ipv6', { protocol: 'http', ip: '::1' }],
    ['unix', { protocol: 'http' }],
    ['admin', { protocol: 'https', ip: '127.0.0.1' }],
  ])('tells protocol, address and host name of a request on %s', async (server, seen) => {
    const app = await start();
    expect(await seenOn(app, server)).toEqual({ hostname: 'app.test', ...seen });
  });

  it('believes no forwarded header unless it is told to', async () => {
    const app = await start();
    const forwarded = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' };
    const seen = { protocol: 'http', hostname: 'app.test' };
    expect(await seenOn(app, 'http', forwarded)).toEqual({ ...seen, ip: '127.0.0.1' });
    expect(await seenOn(app, 'unix', forwarded)).toEqual(seen);
  });

  it('redirects from a server with a handler of its own', async () => {
    const app = await start();
    const { status, headers } = await ask(urlOf(app, 'redirect', '/seen?a=b'), { method: 'POST' });
    expect([status, headers.location]).toEqual([308, 'https://www.example.com/seen?a=b']);
  });

  it.each(['//evil.test/x', '/\\evil.test/x', 'http://evil.test/x'])(
    'redirects nowhere else for %s',
    async (target) => {
      const client = await RawClient.connect(urlOf(await start(), 'redirect'));
      opened.onClose(() => client.close());
      client.send(get(target, 'X-Forwarded-Host: evil.test'));
      const [, location] = (await client.until('\r\n\r\n')).match(/^location: (.*)$/im) ?? [];
      expect(location).toBe('https://www.example.com/x');
    },
  );
});

describe('behind a proxy that is trusted', () => {
  /** Peers on a unix socket have no address. */
  const isTrusted = (address: string | undefined): boolean => address !== '::1';

  const start = async (adapter: ExpressAdapter | FastifyAdapter) => {
    const options = { logger: false, abortOnError: false } as const;
    const app = await NestFactory.create<NestExpressApplication>(moduleWith(), adapter, options);
    opened.onClose(() => app.close());
    if (adapter instanceof ExpressAdapter) app.set('trust proxy', isTrusted);
    return app.init();
  };

  it.each([
    ['express', () => new ExpressAdapter()],
    ['fastify', () => new FastifyAdapter({ trustProxy: isTrusted })],
  ])('every server of an application on %s tells of the client', async (_name, adapter) => {
    const app = await start(adapter());
    const forwarded = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' };
    const client = { protocol: 'https', ip: '203.0.113.7', hostname: 'app.test' };
    for (const server of ['http', 'https', 'unix', 'admin']) {
      expect([server, await seenOn(app, server, forwarded)]).toEqual([server, client]);
    }
    const proxy = { protocol: 'http', ip: '::1', hostname: 'app.test' };
    expect(await seenOn(app, 'ipv6', forwarded)).toEqual(proxy);
  });
});
