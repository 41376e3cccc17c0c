import {
  Injectable,
  type INestApplication,
  type MiddlewareConsumer,
  type NestMiddleware,
  type NestModule,
} from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule } from 'nestjs-http-pool';
import { platforms } from '../support/adapters.js';
import {
  admin,
  AdminController,
  FeatureApps,
  json,
  MainController,
  ops,
  OpsController,
} from '../support/feature-app.js';

describe.each(platforms)('middleware and forFeature on $name', (platform) => {
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  it('runs the request hook of the adapter once for each request', async () => {
    let hooked = 0;
    const { text } = await opened.start({
      imports: [admin],
      prepare(app) {
        const adapter = app.getHttpAdapter() as AbstractHttpAdapter;
        adapter.setOnRequestHook((_request: unknown, _response: unknown, done: () => void) => {
          hooked += 1;
          done();
        });
      },
    });
    expect(await text('admin', '/status')).toBe('admin');
    expect(hooked).toBe(1);
    expect(await text('public', '/main')).toBe('main only');
    expect(hooked).toBe(2);
  });

  it('runs middleware, once made, and that of a controller only where it is served', async () => {
    const ran: string[] = [];
    let made = 0;
    @Injectable()
    class Everywhere implements NestMiddleware {
      constructor() {
        made += 1;
      }
      use(_request: unknown, _response: unknown, next: () => void): void {
        ran.push('everywhere');
        next();
      }
    }
    const only =
      (label: string) =>
      (_request: unknown, _response: unknown, next: () => void): void => {
        ran.push(label);
        next();
      };
    class App implements NestModule {
      configure(consumer: MiddlewareConsumer): void {
        consumer.apply(Everywhere).forRoutes('*path').apply(only('main')).forRoutes(MainController);
        consumer.apply(only('ops')).exclude('number/*path').forRoutes(OpsController);
      }
    }
    const { get } = await opened.start({ imports: [admin, ops], base: App });
    await get('admin', '/status');
    expect(ran.splice(0)).toEqual(['everywhere']);
    await get('public', '/status');
    expect(ran.splice(0)).toEqual(['everywhere', 'main']);
    await get('ops', '/status');
    expect(ran.splice(0)).toEqual(['everywhere', 'ops']);
    expect(made).toBe(1);
  });

  it('is kept off a controller only where the controller is', async () => {
    const ran: string[] = [];
    class App implements NestModule {
      configure(consumer: MiddlewareConsumer): void {
        const guard = (request: { url: string }, _response: unknown, next: () => void): void => {
          ran.push(request.url);
          next();
        };
        // The types say paths; Nest 12 takes a controller for its paths.
        consumer
          .apply(guard)
          .exclude(AdminController as never)
          .forRoutes(MainController, AdminController);
      }
    }
    const { get } = await opened.start({ imports: [admin], base: App });
    await get('public', '/status');
    expect(ran.splice(0)).toHaveLength(1);
    await get('admin', '/status');
    expect(ran.splice(0)).toEqual([]);
  });

  it('has the global prefix and its exclusions', async () => {
    const ran: string[] = [];
    class App implements NestModule {
      async configure(consumer: MiddlewareConsumer): Promise<void> {
        const log =
          (label: string) => (_request: unknown, _response: unknown, next: () => void) => {
            ran.push(label);
            next();
          };
        await Promise.resolve();
        consumer.apply(log('admin')).exclude('echo').forRoutes(AdminController);
        consumer.apply(log('path')).forRoutes('status');
      }
    }
    const { text } = await opened.start({
      imports: [admin],
      base: App,
      prepare: (app) => app.setGlobalPrefix('api', { exclude: ['echo'] }),
    });
    expect(await text('admin', '/api/status')).toBe('admin');
    expect(ran.splice(0).sort()).toEqual(['admin', 'path']);
    expect(await text('admin', '/echo', json({ a: 1 }))).toBe('{"a":1}');
    expect(ran.splice(0)).toEqual([]);
    expect(await text('public', '/api/status')).toBe('main');
    expect(ran.splice(0)).toEqual(['path']);
  });

  it('has what app.use() added for every request, and no routes of what it mounted', async () => {
    const { get } = await opened.start({
      imports: [admin],
      prepare: (app) => {
        app.use((_request: unknown, response: any, next: () => void) => {
          response.setHeader('x-used', 'yes');
          next();
        });
        app.use('/mounted', (_request: unknown, response: any) => response.end('mounted'));
      },
    });
    expect((await get('admin', '/status')).headers.get('x-used')).toBe('yes');
    expect((await get('admin', '/mounted')).status).toBe(404);
  });

  it('answers CORS as the application does', async () => {
    const { get } = await opened.start({ imports: [admin], options: { cors: true } });
    const headers = { origin: 'http://other' };
    for (const server of ['public', 'admin']) {
      const answer = await get(server, '/status', { headers });
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
    // A later hook of Fastify; Express knows of none.
    for (const options of [undefined, { hook: 'preHandler' }]) {
      const prepare = (app: INestApplication) => app.enableCors(options as never);
      const enabled = await opened.start({ imports: [admin], prepare });
      const preflight = await enabled.get('admin', '/status', {
        method: 'OPTIONS',
        headers: { ...headers, 'access-control-request-method': 'GET' },
      });
      expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
        204,
        '*',
      ]);
    }
  });

  it.each([
    ['at once', undefined],
    ['in a later hook of Fastify', { hook: 'preHandler' }],
  ])(
    'lets setup have CORS of its own beside that of the application, %s',
    async (_when, options) => {
      const own = HttpPoolModule.forFeature({
        server: 'admin',
        controllers: [AdminController],
        setup: (app) => app.enableCors({ ...options, origin: 'https://own.example' } as never),
      });
      const { get } = await opened.start({
        imports: [own],
        prepare: (app) => app.enableCors(options as never),
      });
      const headers = { origin: 'https://own.example' };
      const answer = await get('admin', '/status', { headers });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('access-control-allow-origin')).toMatch(
        /^(\*|https:\/\/own.example)$/,
      );
    },
  );
});
