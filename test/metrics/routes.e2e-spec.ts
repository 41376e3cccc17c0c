import { createRequire } from 'node:module';
import {
  Controller,
  Get,
  Module,
  Param,
  Version,
  VersioningType,
  type INestApplication,
  type Type,
} from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import express, { type Express } from 'express';
import { Registry } from 'prom-client';
import { HttpPoolModule, type HttpPoolModuleOptions } from '../../lib/index.js';
import { expressRouteOf } from '../../lib/metrics/route/express-route.js';
import { Opened, platforms } from '../nest/support/adapters.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { Http2Client } from '../support/http2-client.js';
import { COUNT } from './support/exposition.js';
import { measured, of, type Measured } from './support/measured.js';

const opened = new Opened();
let registry: Registry;
beforeEach(() => {
  registry = new Registry();
});
afterEach(() => opened.closeAll());

@Controller('cats')
class CatsController {
  @Get(':id')
  one(@Param('id') id: string): string {
    return id;
  }

  @Version('1')
  @Get(':id/toys')
  toys(): string {
    return 'toys';
  }
}

@Controller('status')
class StatusController {
  @Get(':part')
  part(): string {
    return 'part';
  }
}

function appModule(options: Partial<HttpPoolModuleOptions> = {}): Type {
  class App {}
  Module({
    imports: [
      HttpPoolModule.forRoot({
        servers: [
          { name: 'public', listen: LOOPBACK },
          { name: 'admin', listen: LOOPBACK },
        ],
        metrics: { registry },
        ...options,
      }),
      HttpPoolModule.forFeature({ server: 'admin', controllers: [StatusController] }),
    ],
    controllers: [CatsController],
  })(App);
  return App;
}

const routesOf = async ({ until }: Measured, server: string, count: number): Promise<string[]> => {
  const scraped = await until((one) => one.value(COUNT, { server }) === count);
  return scraped.values(COUNT, 'http_route', { server });
};

async function start(app: INestApplication): Promise<Measured> {
  await opened.app(app).init();
  return of(app, registry);
}

describe.each(platforms)('the route of a request on $name', ({ create }) => {
  it('is its template, with prefix and version', async () => {
    const app = await create(appModule());
    app.setGlobalPrefix('api');
    app.enableVersioning({ type: VersioningType.URI });
    const it_ = await start(app);
    for (const path of ['/api/cats/1', '/api/cats/2', '/api/v1/cats/3/toys']) {
      expect((await ask(it_.url('public', path))).status).toBe(200);
    }
    expect(await routesOf(it_, 'public', 3)).toEqual(['/api/cats/:id', '/api/v1/cats/:id/toys']);
  });

  it('is that of the controllers of its server', async () => {
    const it_ = await start(await create(appModule()));
    expect((await ask(it_.url('admin', '/status/1'))).status).toBe(200);
    expect((await ask(it_.url('admin', '/cats/1'))).status).toBe(404);
    expect((await ask(it_.url('public', '/status/1'))).status).toBe(404);
    expect(await routesOf(it_, 'admin', 2)).toEqual(['', '/status/:part']);
    expect(await routesOf(it_, 'public', 1)).toEqual(['']);
  });

  it('is empty where there is none below a prefix, or on a path that is exempt from it', async () => {
    const app = await create(appModule());
    app.setGlobalPrefix('api', { exclude: ['cats/:id'] });
    const it_ = await start(app);
    for (const path of ['/api', '/api/none', '/none', '/api/cats/1']) {
      expect((await ask(it_.url('public', path))).status).toBe(404);
    }
    expect((await ask(it_.url('public', '/cats/1'), { method: 'POST' })).status).toBe(404);
    expect((await ask(it_.url('admin', '/api/none'))).status).toBe(404);
    expect((await ask(it_.url('admin', '/api/status/1'))).status).toBe(200);
    expect(await routesOf(it_, 'public', 5)).toEqual(['']);
    expect(await routesOf(it_, 'admin', 2)).toEqual(['', '/api/status/:part']);
  });

  it('is empty where there is none, whatever is asked for', async () => {
    const it_ = await start(await create(appModule()));
    for (let at = 0; at < 10; at += 1) await ask(it_.url('public', `/none/${at}?q=${at}`));
    await ask(it_.url('public', '/%E0%A4%A'));
    expect(await routesOf(it_, 'public', 11)).toEqual(['']);
  });

  it('is known where the body is refused before the controller', async () => {
    @Controller('bodies')
    class Bodies {
      @Get()
      get(): string {
        return '';
      }
    }
    class App {}
    Module({ imports: [appModule()], controllers: [Bodies] })(App);
    const it_ = await start(await create(App));
    const headers = { 'content-type': 'application/json' };
    const { status } = await ask(it_.url('public', '/bodies'), {
      method: 'POST',
      headers,
      body: '{',
    });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(await routesOf(it_, 'public', 1)).toEqual(['']);
  });

  it('is told over HTTP/2 too', async () => {
    const servers = [{ name: 'public', listen: LOOPBACK, protocol: 'http2' as const }];
    class App {}
    Module({
      imports: [HttpPoolModule.forRoot({ servers, metrics: { registry } })],
      controllers: [CatsController],
    })(App);
    const it_ = await start(await create(App));
    const client = opened.add(await Http2Client.connect(it_.url('public')), (one) => one.close());
    await client.ask('/cats/1');
    await client.ask('/cats/2');
    expect(await routesOf(it_, 'public', 2)).toEqual(['/cats/:id']);
  });
});

describe('the route of a request of Express', () => {
  const serve = (app: Express): Promise<Measured> =>
    measured(
      opened,
      { servers: [{ name: 'api', listen: LOOPBACK }], handlers: () => ({ default: app }) },
      registry,
    );

  it('has the templates that its routers are mounted on, and nothing of the path', async () => {
    const things = express.Router().get('/things/:id', (_request, response) => void response.end());
    const app = express();
    app.use('/legacy', things);
    app.use('/tenants/:tenant/', express.Router({ mergeParams: true }).use('/v2', things));
    app.use(
      '/shop',
      express().get('/:item', (_request, response) => void response.end()),
    );
    app.use(
      ['/one', '/two'],
      express.Router().get('/', (_request, response) => void response.end()),
    );
    app.get(/^\/any.*/, (_request, response) => void response.end());
    const it_ = await serve(app);
    const paths = [
      '/legacy/things/1',
      '/LeGaCy/things/2',
      '/legacy/things/3',
      '/tenants/42/v2/things/1',
      '/tenants/43/V2/things/2',
      '/shop/1',
      '/SHOP/2',
      '/two',
      '/anything',
      '/any',
    ];
    for (const path of paths) expect((await ask(it_.url('api', path))).status).toBe(200);
    expect(await routesOf(it_, 'api', paths.length)).toEqual([
      '/^\\/any.*/',
      '/legacy/things/:id',
      '/shop/:item',
      '/tenants/:tenant/v2/things/:id',
      '/two/',
    ]);
  });

  it('is that of Express 4, and empty behind a mount, whose path that forgets', async () => {
    const express4 = createRequire(import.meta.url)('express4') as typeof express;
    const end: express.RequestHandler = (_request, response) => void response.end();
    const app = express4();
    app.use(express4.Router().get('/plain/:id', end));
    app.get('/things/:id', end);
    app.use('/mounted', express4.Router().get('/:id', end));
    app.use('/shop', express4().get('/:item', end));
    const it_ = await serve(app);
    for (const path of ['/plain/1', '/things/1', '/things/2', '/mounted/1', '/shop/1']) {
      expect((await ask(it_.url('api', path))).status).toBe(200);
    }
    expect(await routesOf(it_, 'api', 5)).toEqual(['', '/plain/:id', '/things/:id']);
  });

  it('says once that it can not be known of a version that keeps its routes elsewhere', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const request = (path: string) => ({ app: {}, route: { path } }) as never;
    expect([request('/a'), request('/b')].map(expressRouteOf)).toEqual(['/a', '/b']);
    expect(warn.mock.calls).toEqual([
      [expect.stringContaining('keeps its routes'), { code: 'HTTP_POOL_EXPRESS' }],
    ]);
    warn.mockRestore();
  });

  it('is empty behind a mount that nobody knows', async () => {
    const things = express.Router().get('/things/:id', (_request, response) => void response.end());
    const app = express();
    app.use('/by-hand', (request, response, next) => things(request, response, next));
    const it_ = await serve(app);
    expect((await ask(it_.url('api', '/by-hand/things/1'))).status).toBe(200);
    expect(await routesOf(it_, 'api', 1)).toEqual(['']);
  });

  it('is that of the application behind the adapter that it was given to', async () => {
    const app = express();
    app.use(
      '/old',
      express.Router().get('/:id', (_request, response) => void response.end()),
    );
    const { NestFactory } = await import('@nestjs/core');
    const adapter = new ExpressAdapter(app);
    const it_ = await start(await NestFactory.create(appModule(), adapter, { logger: false }));
    await ask(it_.url('public', '/old/1'));
    await ask(it_.url('public', '/cats/1'));
    expect(await routesOf(it_, 'public', 2)).toEqual(['/cats/:id', '/old/:id']);
  });
});

describe('the route of a request of Fastify', () => {
  it('is that of plugins, and of what a hook answers before its handler', async () => {
    const { NestFactory } = await import('@nestjs/core');
    const app = await NestFactory.create(appModule(), new FastifyAdapter(), { logger: false });
    const fastify = app.getHttpAdapter().getInstance();
    fastify.addHook('onRequest', async (request: any, reply: any) => {
      if (request.headers['x-closed']) return reply.code(401).send();
      return undefined;
    });
    await fastify.register(
      async (inner: any) => void inner.get('/:id', async () => 'from a plugin'),
      { prefix: '/old' },
    );
    const it_ = await start(app);
    expect((await ask(it_.url('public', '/old/1'))).status).toBe(200);
    const headers = { 'x-closed': '1' };
    expect((await ask(it_.url('public', '/cats/1'), { headers })).status).toBe(401);
    expect(await routesOf(it_, 'public', 2)).toEqual(['/cats/:id', '/old/:id']);
  });

  it('needs no set-up that a warning would name', async () => {
    const lines: string[] = [];
    const logger = {
      log: () => undefined,
      warn: (text: string) => lines.push(text),
      error: (text: string) => lines.push(text),
    };
    const { NestFactory } = await import('@nestjs/core');
    const app = await NestFactory.create(appModule(), new FastifyAdapter(), { logger });
    await start(app);
    expect(lines).toEqual([]);
  });
});
