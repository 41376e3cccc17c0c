import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Module } from '@nestjs/common';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import { HttpPoolModule, PoolHealthIndicator } from 'nestjs-http-pool';
import { register, type Counter } from 'prom-client';
import { platforms, textOf, urlOf } from './support/adapters.js';
import { allowRequire } from './support/allow-require.js';
import { ADMIN, FeatureApps, PUBLIC } from './support/feature-app.js';

await allowRequire('content-disposition', '@fastify/static');
await allowRequire('@nestjs/common', '@willsoto/nestjs-prometheus');
const { default: fastifyStatic } = await import('@fastify/static');
const { InjectMetric, makeCounterProvider, PrometheusController, PrometheusModule } =
  await import('@willsoto/nestjs-prometheus');

/** An Express application of no Nest application. */
function expressApp(): Express {
  const adapter = new ExpressAdapter();
  adapter.useBodyParser('json', false);
  return adapter.getInstance<Express>();
}

describe.each(platforms)('a third-party module on one server on $name', (platform) => {
  const { name } = platform;
  const opened = new FeatureApps(platform);
  afterEach(async () => {
    await opened.closeAll();
    register.clear();
  });

  it('may be terminus', async () => {
    @Controller('health')
    class HealthController {
      constructor(
        private readonly health: HealthCheckService,
        private readonly pool: PoolHealthIndicator,
      ) {}
      @Get()
      @HealthCheck()
      check() {
        return this.health.check([...this.pool.indicators()]);
      }
    }
    const { get } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({
          server: 'admin',
          imports: [TerminusModule.forRoot({ logger: false })],
          controllers: [HealthController],
        }),
      ],
    });
    const health = await get('admin', '/health');
    expect([health.status, await health.json()]).toMatchObject([200, { status: 'ok' }]);
    expect((await get('public', '/health')).status).toBe(404);
    expect((await get('ops', '/health')).status).toBe(404);
  });

  const counter = makeCounterProvider({ name: 'greetings_total', help: 'Greetings' });

  @Controller()
  class GreetingController {
    constructor(@InjectMetric('greetings_total') private readonly greetings: Counter) {}
    @Get('greeting')
    greet(): string {
      this.greetings.inc();
      return 'hello';
    }
  }

  it.each([
    ['register', () => PrometheusModule.register({ path: '/metrics' })],
    ['registerAsync', () => PrometheusModule.registerAsync({ useFactory: () => ({}) })],
  ])('may be nestjs-prometheus, by %s', async (_how, make) => {
    @Module({ controllers: [GreetingController], providers: [counter] })
    class GreetingModule {}
    const { get, text } = await opened.start({
      imports: [
        GreetingModule,
        { ...make(), controllers: [] },
        HttpPoolModule.forFeature({ server: 'ops', controllers: [PrometheusController] }),
      ],
    });
    expect(await text('public', '/greeting')).toBe('hello');
    const metrics = await get('ops', '/metrics');
    expect(metrics.headers.get('content-type')).toMatch(/^text\/plain;.* version=0\.0\.4/);
    const body = await metrics.text();
    expect(body).toContain('greetings_total 1');
    expect(body).toContain('process_cpu_user_seconds_total');
    for (const server of ['public', 'admin']) {
      expect((await get(server, '/metrics')).status).toBe(404);
    }
  });

  it('may be nestjs-prometheus with a controller of one’s own', async () => {
    @Controller('prometheus')
    class MetricsController extends PrometheusController {}
    const { get, text } = await opened.start({
      imports: [
        { ...PrometheusModule.register({ defaultMetrics: { enabled: false } }), controllers: [] },
        HttpPoolModule.forFeature({ server: 'ops', controllers: [MetricsController] }),
      ],
    });
    expect((await get('ops', '/prometheus')).status).toBe(200);
    expect(await text('ops', '/metrics')).toContain('Cannot GET /metrics');
    expect(await text('public', '/prometheus')).toContain('Cannot GET /prometheus');
  });

  it('may be static files', async () => {
    const root = await mkdtemp(join(tmpdir(), 'static-'));
    opened.add(root, (path) => rm(path, { recursive: true }));
    await writeFile(join(root, 'page.html'), '<p>page</p>');
    const { get, text } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({
          server: 'admin',
          controllers: [],
          setup: (app: any) =>
            name === 'express'
              ? (app as NestExpressApplication).useStaticAssets(root, { prefix: '/files/' })
              : (app as NestFastifyApplication).register(fastifyStatic, {
                  root,
                  prefix: '/files/',
                }),
        }),
      ],
    });
    const page = await get('admin', '/files/page.html');
    expect([page.headers.get('content-type'), await page.text()]).toEqual([
      expect.stringContaining('text/html'),
      '<p>page</p>',
    ]);
    expect((await get('admin', '/files/none.html')).status).toBe(404);
    expect(await text('public', '/files/page.html')).toContain('Cannot GET /files/page.html');
  });

  it('may be a board that is middleware, behind a guard of its own', async () => {
    const board = expressApp();
    board.get('/jobs', (_request, response) => void response.json({ jobs: 0 }));
    board.post('/jobs', (request, response) => void response.json(request.body));
    const { get, text } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({
          server: 'admin',
          controllers: [],
          setup: (app) => {
            app.use((request: any, response: any, next: () => void) => {
              if (request.headers['x-key'] === 'sesame') return next();
              response.statusCode = 401;
              response.end();
            });
            if (name === 'express') return void app.use('/queues', board);
            return (app as NestFastifyApplication).register(
              async (instance: any) => {
                instance.get('/jobs', () => ({ jobs: 0 }));
                instance.post('/jobs', (request: { body: unknown }) => request.body);
              },
              { prefix: '/queues' },
            );
          },
        }),
      ],
    });
    const headers = { 'x-key': 'sesame', 'content-type': 'application/json' };
    expect(await text('admin', '/queues/jobs', { headers })).toBe('{"jobs":0}');
    const post = { method: 'POST', headers, body: '{"a":1}' };
    expect(await text('admin', '/queues/jobs', post)).toBe('{"a":1}');
    expect((await get('admin', '/queues/jobs')).status).toBe(401);
    expect(await text('public', '/queues/jobs', { headers })).toContain('Cannot GET /queues/jobs');
  });

  it('may be an application of its own, by handlerKey', async () => {
    const board = expressApp().get(
      '/jobs',
      (_request, response) => void response.json({ jobs: 0 }),
    );
    @Module({
      imports: [
        HttpPoolModule.forRoot({
          servers: [PUBLIC, { ...ADMIN, handlerKey: 'board' }],
          handlers: () => ({ board }),
        }),
      ],
    })
    class App {}
    const app = opened.app(await platform.create(App));
    await app.init();
    expect(await textOf(urlOf(app, 'admin', '/jobs'))).toBe('{"jobs":0}');
    expect(await textOf(urlOf(app, 'public', '/jobs'))).toContain('Cannot GET /jobs');
  });
});
