import { Readable } from 'node:stream';
import {
  Body,
  CanActivate,
  Catch,
  Controller,
  ExecutionContext,
  Get,
  Header,
  HostParam,
  HttpException,
  Inject,
  Injectable,
  Module,
  Param,
  ParseIntPipe,
  Post,
  Req,
  Res,
  Scope,
  Sse,
  StreamableFile,
  UseGuards,
  Version,
  VersioningType,
  type ArgumentsHost,
  type CallHandler,
  type DynamicModule,
  type INestApplication,
  type MiddlewareConsumer,
  type NestApplicationOptions,
  type NestMiddleware,
  type NestModule,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, NestFactory, REQUEST } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { map, of } from 'rxjs';
import { PoolErrorCode } from '../../lib/errors/pool.error.js';
import { HttpPoolModule } from '../../lib/http-pool.module.js';
import { PoolService } from '../../lib/pool.service.js';
import { Opened, platforms, textOf, urlOf } from './support/adapters.js';

const PUBLIC = { name: 'public', listen: '127.0.0.1:0' };
const ADMIN = { name: 'admin', listen: '127.0.0.1:0' };
const OPS = { name: 'ops', listen: '127.0.0.1:0' };

@Controller()
class MainController {
  @Get('status')
  status(): string {
    return 'main';
  }

  @Get('main')
  main(): string {
    return 'main only';
  }
}

@Controller()
class AdminController {
  @Get('status')
  status(): string {
    return 'admin';
  }

  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }

  @Get('number/:id')
  number(@Param('id', ParseIntPipe) id: number): string {
    return typeof id;
  }
}

@Controller()
class OpsController {
  @Get('status')
  status(): string {
    return 'ops';
  }
}

describe.each(platforms)('forFeature on $name', ({ name: platform, create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  interface Setup {
    imports?: (DynamicModule | (new () => unknown))[];
    providers?: unknown[];
    prepare?: (app: INestApplication) => void;
    options?: NestApplicationOptions;
    base?: new () => object;
  }

  const start = async ({ imports = [], providers = [], prepare, options, base }: Setup) => {
    const App = base ?? class {};
    Module({
      imports: [HttpPoolModule.forRoot([PUBLIC, ADMIN, OPS]), ...imports],
      controllers: [MainController],
      providers: providers as never,
    })(App);
    const app = opened.app(await create(App, options));
    prepare?.(app);
    await app.init();
    const get = (server: string, path: string, init?: RequestInit) =>
      fetch(urlOf(app, server, path), init);
    return { app, get };
  };

  const admin = HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminController] });
  const ops = HttpPoolModule.forFeature({ server: 'ops', controllers: [OpsController] });
  const json = (body: unknown) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

  it('serves the same path by another controller on each server', async () => {
    const { get } = await start({ imports: [admin, ops] });
    expect(await (await get('public', '/status')).text()).toBe('main');
    expect(await (await get('admin', '/status')).text()).toBe('admin');
    expect(await (await get('ops', '/status')).text()).toBe('ops');
  });

  it('keeps routes off every other server, and answers 404 as Nest does', async () => {
    const { get } = await start({ imports: [admin, ops] });
    expect((await get('admin', '/main')).status).toBe(404);
    expect((await get('public', '/echo', json({}))).status).toBe(404);
    const missing = await get('ops', '/number/1');
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ message: 'Cannot GET /number/1' });
  });

  it('keeps routes off the application’s own server too', async () => {
    const { app } = await start({ imports: [admin] });
    await app.listen(0, '127.0.0.1');
    expect((await fetch(`${await app.getUrl()}/number/1`)).status).toBe(404);
    expect(await textOf(`${await app.getUrl()}/status`)).toBe('main');
  });

  it('serves several servers from one instance', async () => {
    let made = 0;
    @Controller()
    class Shared {
      private readonly id = ++made;
      @Get('id')
      whoami(): string {
        return String(this.id);
      }
    }
    const { get } = await start({
      imports: [HttpPoolModule.forFeature({ server: ['admin', 'ops'], controllers: [Shared] })],
    });
    expect(await (await get('admin', '/id')).text()).toBe('1');
    expect(await (await get('ops', '/id')).text()).toBe('1');
    expect((await get('public', '/id')).status).toBe(404);
  });

  it('parses bodies and applies pipes', async () => {
    const { get } = await start({ imports: [admin] });
    expect(await (await get('admin', '/echo', json({ a: [1] }))).json()).toEqual({ a: [1] });
    const form = { method: 'POST', body: new URLSearchParams({ a: 'b' }) };
    expect(await (await get('admin', '/echo', form)).json()).toEqual({ a: 'b' });
    expect((await get('admin', '/echo', { ...json({}), body: '{' })).status).toBe(400);
    expect(await (await get('admin', '/number/7')).text()).toBe('number');
    expect((await get('admin', '/number/x')).status).toBe(400);
  });

  it('shares providers of other modules, and exports its own', async () => {
    @Injectable()
    class Counter {
      count = 0;
    }
    @Module({ providers: [Counter], exports: [Counter] })
    class CounterModule {}
    @Controller()
    class CountingController {
      constructor(private readonly counter: Counter) {}
      @Get('count')
      next(): string {
        return String(++this.counter.count);
      }
    }
    @Injectable()
    class Own {}
    const { app, get } = await start({
      imports: [
        HttpPoolModule.forFeature({
          server: 'admin',
          imports: [CounterModule],
          controllers: [CountingController],
          providers: [Own],
          exports: [Own],
        }),
      ],
      providers: [{ provide: 'ROOT', inject: [Own], useFactory: (own: Own) => own }],
    });
    await get('admin', '/count');
    expect(await (await get('admin', '/count')).text()).toBe('2');
    expect(app.get(Counter).count).toBe(2);
    expect(app.get('ROOT')).toBeInstanceOf(Own);
  });

  it('applies guards, interceptors and filters, of the controller and of the application', async () => {
    @Injectable()
    class Deps {
      readonly key = 'sesame';
    }
    @Injectable({ scope: Scope.TRANSIENT })
    class KeyGuard implements CanActivate {
      constructor(private readonly deps: Deps) {}
      canActivate(context: ExecutionContext): boolean {
        return context.switchToHttp().getRequest().headers['x-key'] === this.deps.key;
      }
    }
    @Injectable({ scope: Scope.REQUEST })
    class HeaderGuard implements CanActivate {
      constructor(@Inject(REQUEST) private readonly request: { headers: Record<string, string> }) {}
      canActivate(): boolean {
        return this.request.headers['x-app'] !== 'no';
      }
    }
    class Wrap {
      intercept(_context: ExecutionContext, next: CallHandler) {
        return next.handle().pipe(map((value: unknown) => ({ wrapped: value })));
      }
    }
    @Catch(HttpException)
    class TeapotFilter {
      catch(error: HttpException, host: ArgumentsHost): void {
        const response = host.switchToHttp().getResponse();
        response.status(418).send({ was: error.getStatus() });
      }
    }
    class GlobalGuard implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        return context.switchToHttp().getRequest().headers['x-global'] !== 'no';
      }
    }
    @Controller()
    @UseGuards(KeyGuard)
    class GuardedController {
      @Get('guarded')
      it(): string {
        return 'in';
      }
    }
    const { get } = await start({
      imports: [
        HttpPoolModule.forFeature({
          server: 'admin',
          controllers: [GuardedController],
          providers: [Deps],
        }),
      ],
      providers: [
        { provide: APP_GUARD, useClass: HeaderGuard },
        { provide: APP_INTERCEPTOR, useClass: Wrap },
        { provide: APP_FILTER, useClass: TeapotFilter },
      ],
      prepare: (app) => app.useGlobalGuards(new GlobalGuard()),
    });
    const headers = { 'x-key': 'sesame' };
    const ok = await get('admin', '/guarded', { headers });
    expect([ok.status, await ok.json()]).toEqual([200, { wrapped: 'in' }]);
    for (const bad of [{}, { ...headers, 'x-app': 'no' }, { ...headers, 'x-global': 'no' }]) {
      const refused = await get('admin', '/guarded', { headers: bad });
      expect([refused.status, await refused.json()]).toEqual([418, { was: 403 }]);
    }
    expect((await get('admin', '/none')).status).toBe(418);
  });

  it('makes request-scoped controllers for each request', async () => {
    @Controller({ path: 'scoped', scope: Scope.REQUEST })
    class ScopedController {
      private calls = 0;
      constructor(@Inject(REQUEST) private readonly request: { url: string }) {}
      @Get(':id')
      it(): string {
        return `${this.request.url} ${++this.calls}`;
      }
    }
    const { get } = await start({
      imports: [HttpPoolModule.forFeature({ server: 'admin', controllers: [ScopedController] })],
    });
    expect(await (await get('admin', '/scoped/1')).text()).toBe('/scoped/1 1');
    expect(await (await get('admin', '/scoped/2')).text()).toBe('/scoped/2 1');
  });

  it('tells two controllers of one name apart', async () => {
    const named = (path: string, status: number) => {
      @Controller(path)
      class SameController {
        @Get()
        @Header('x-from', path)
        it(@Req() _request: unknown): number {
          return status;
        }
      }
      return SameController;
    };
    const { get } = await start({
      imports: [
        HttpPoolModule.forFeature({ server: 'admin', controllers: [named('one', 1)] }),
        HttpPoolModule.forFeature({ server: 'admin', controllers: [named('two', 2)] }),
      ],
    });
    for (const path of ['one', 'two']) {
      expect((await get('admin', `/${path}`)).headers.get('x-from')).toBe(path);
    }
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
    const { get } = await start({ imports: [admin, ops], base: App });
    await get('admin', '/status');
    expect(ran.splice(0)).toEqual(['everywhere']);
    await get('ops', '/status');
    expect(ran.splice(0)).toEqual(['everywhere', 'ops']);
    expect(made).toBe(1);
  });

  it('has the global prefix with its exclusions, and versions', async () => {
    @Controller()
    class VersionedController {
      @Get('v')
      @Version('1')
      one(): string {
        return 'one';
      }
      @Get('v')
      @Version('2')
      two(): string {
        return 'two';
      }
      @Get('health')
      health(): string {
        return 'ok';
      }
    }
    const { get } = await start({
      imports: [HttpPoolModule.forFeature({ server: 'admin', controllers: [VersionedController] })],
      prepare: (app) => {
        app.setGlobalPrefix('api', { exclude: ['health'] });
        app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });
      },
    });
    expect(await (await get('admin', '/health')).text()).toBe('ok');
    expect((await get('admin', '/v')).status).toBe(404);
    for (const [version, text] of [
      ['1', 'one'],
      ['2', 'two'],
    ]) {
      const answer = await get('admin', '/api/v', { headers: { 'x-version': version! } });
      expect(await answer.text()).toBe(text);
    }
  });

  it('serves events, files, raw responses and host parameters', async () => {
    @Controller({ host: ':tenant.example.com', path: 'host' })
    class HostController {
      @Get()
      it(@HostParam('tenant') tenant: string): string {
        return tenant;
      }
    }
    @Controller()
    class StreamController {
      @Sse('events')
      events() {
        return of({ data: 'one' }, { data: 'two' });
      }
      @Get('file')
      file(): StreamableFile {
        return new StreamableFile(Readable.from([Buffer.from('content')]), { type: 'text/plain' });
      }
      @Get('raw')
      raw(@Res() response: { status(code: number): { send(text: string): void } }): void {
        response.status(202).send('raw');
      }
    }
    const { app, get } = await start({
      imports: [
        HttpPoolModule.forFeature({
          server: 'admin',
          controllers: [StreamController, HostController],
        }),
      ],
    });
    expect(await (await get('admin', '/events')).text()).toContain('data: one');
    const file = await get('admin', '/file');
    expect([await file.text(), file.headers.get('content-type')]).toEqual([
      'content',
      'text/plain',
    ]);
    const raw = await get('admin', '/raw');
    expect([raw.status, await raw.text()]).toEqual([202, 'raw']);
    const { request } = await import('node:http');
    const text = await new Promise<string>((resolve, reject) => {
      request(
        urlOf(app, 'admin', '/host'),
        { headers: { host: 'acme.example.com' } },
        (response) => {
          response.setEncoding('utf8').once('data', resolve);
        },
      )
        .once('error', reject)
        .end();
    });
    expect(text).toBe('acme');
  });

  it('has the body parsers of the application', async () => {
    @Controller()
    class RawController {
      @Post('raw')
      raw(@Req() request: { rawBody?: Buffer; body: unknown }): string {
        return request.rawBody?.toString() ?? 'none';
      }
    }
    const feature = HttpPoolModule.forFeature({ server: 'admin', controllers: [RawController] });
    const raw = await start({ imports: [feature], options: { rawBody: true } });
    expect(await (await raw.get('admin', '/raw', json({ a: 1 }))).text()).toBe('{"a":1}');

    const limited = await start({
      imports: [admin],
      prepare: (app) => {
        const limit = 50;
        if (platform === 'express') (app as any).useBodyParser('json', { limit });
        else (app as any).useBodyParser('application/json', { bodyLimit: limit });
      },
    });
    expect((await limited.get('admin', '/echo', json({ a: 1 }))).status).toBe(201);
    expect((await limited.get('admin', '/echo', json('x'.repeat(100)))).status).toBe(413);
  });

  it('has what app.use() added for every request, and no routes of what it mounted', async () => {
    const { get } = await start({
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
    const { get } = await start({ imports: [admin], options: { cors: true } });
    const headers = { origin: 'http://other' };
    for (const server of ['public', 'admin']) {
      const answer = await get(server, '/status', { headers });
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
    const enabled = await start({ imports: [admin], prepare: (app) => app.enableCors() });
    const preflight = await enabled.get('admin', '/status', {
      method: 'OPTIONS',
      headers: { ...headers, 'access-control-request-method': 'GET' },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      204,
      '*',
    ]);
  });

  it('calls the lifecycle hooks of its controllers once', async () => {
    const calls: string[] = [];
    @Controller()
    class HookedController {
      onModuleInit = () => void calls.push('init');
      onApplicationBootstrap = () => void calls.push('bootstrap');
      onModuleDestroy = () => void calls.push('destroy');
      beforeApplicationShutdown = () => void calls.push('before');
      onApplicationShutdown = () => void calls.push('shutdown');
      @Get('hooked')
      it(): string {
        return 'ok';
      }
    }
    const { app, get } = await start({
      imports: [HttpPoolModule.forFeature({ server: 'admin', controllers: [HookedController] })],
    });
    await get('admin', '/hooked');
    await app.close();
    expect(calls).toEqual(['init', 'bootstrap', 'destroy', 'before', 'shutdown']);
  });

  it('fails the bootstrap for a server that is not configured', async () => {
    @Module({
      imports: [
        HttpPoolModule.forRoot([PUBLIC]),
        HttpPoolModule.forFeature({ server: ['public', 'adnim'], controllers: [AdminController] }),
      ],
    })
    class App {}
    const app = opened.app(await create(App));
    await expect(app.init()).rejects.toMatchObject({
      code: PoolErrorCode.ERR_POOL_VALIDATE,
      message: expect.stringContaining(
        "AdminController can't be bound to the server 'adnim', which is not configured: the servers are 'public'",
      ),
    });
    expect(app.get(PoolService).isRunning()).toBe(false);
  });

  it('goes before an entry of the registry and before the application', async () => {
    @Module({
      imports: [
        HttpPoolModule.forRoot({
          servers: [ADMIN, OPS, { ...PUBLIC, handlerKey: 'default' }],
          handlers: () => ({ default: (_request, response) => void response.end('registry') }),
        }),
        admin,
      ],
      controllers: [MainController],
    })
    class App {}
    const app = opened.app(await create(App));
    await app.init();
    expect(await textOf(urlOf(app, 'admin', '/status'))).toBe('admin');
    expect(await textOf(urlOf(app, 'ops', '/status'))).toBe('registry');
    expect(await textOf(urlOf(app, 'public', '/status'))).toBe('registry');
  });

  it(`${platform === 'express' ? 'refuses' : 'takes'} protocol http2`, async () => {
    class App {}
    Module({ imports: [HttpPoolModule.forRoot([{ ...ADMIN, protocol: 'http2' }]), admin] })(App);
    const app = opened.app(await create(App));
    if (platform === 'fastify') return void (await app.init());
    await expect(app.init()).rejects.toMatchObject({
      errors: [{ code: 'ERR_SERVER_HTTP2_CONFIGURE' }],
    });
  });

  it('stays bound through restarts and new handlers', async () => {
    const { app, get } = await start({ imports: [admin] });
    const pool = app.get(PoolService);
    await pool.get('admin')?.restart();
    expect(await (await get('admin', '/status')).text()).toBe('admin');
    pool.handler(() => ({ '': (_request, response) => void response.end('new') }));
    expect(await (await get('admin', '/status')).text()).toBe('admin');
    expect(await (await get('public', '/status')).text()).toBe('new');
  });
});

describe('forFeature', () => {
  it.each([
    ['server', { controllers: [AdminController] }],
    ['server', { server: [], controllers: [AdminController] }],
    ['controllers', { server: 'admin', controllers: [] }],
  ])('refuses to be without %s', (what, options) => {
    expect(() => HttpPoolModule.forFeature(options as never)).toThrow(
      expect.objectContaining({
        code: PoolErrorCode.ERR_POOL_PARAM_EMPTY,
        message: expect.stringContaining(what),
      }),
    );
  });

  it('is refused in an application without HTTP', async () => {
    @Module({
      imports: [
        HttpPoolModule.forRoot([ADMIN]),
        HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminController] }),
      ],
    })
    class App {}
    await expect(
      NestFactory.createApplicationContext(App, { logger: false, abortOnError: false }),
    ).rejects.toMatchObject({
      code: PoolErrorCode.ERR_POOL_START,
      message: expect.stringContaining('has no HTTP adapter'),
    });
  });
});
