import { Controller, Get, Header, Module, Req } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, PoolService } from 'nestjs-http-pool';
import { Http2Client } from '../../support/http2-client.js';
import { platforms, textOf, urlOf } from '../support/adapters.js';
import {
  ADMIN,
  admin,
  FeatureApps,
  json,
  MainController,
  OPS,
  ops,
  PUBLIC,
} from '../support/feature-app.js';

describe.each(platforms)('forFeature on $name', (platform) => {
  const { create } = platform;
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  it('serves the same path by another controller on each server', async () => {
    const { text } = await opened.start({ imports: [admin, ops] });
    expect(await text('public', '/status')).toBe('main');
    expect(await text('admin', '/status')).toBe('admin');
    expect(await text('ops', '/status')).toBe('ops');
  });

  it('keeps routes off every other server, and answers 404 as Nest does', async () => {
    const { get } = await opened.start({ imports: [admin, ops] });
    expect((await get('admin', '/main')).status).toBe(404);
    expect((await get('public', '/echo', json({}))).status).toBe(404);
    const missing = await get('ops', '/number/1');
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ message: 'Cannot GET /number/1' });
  });

  it('keeps routes off the application’s own server too', async () => {
    const { app } = await opened.start({ imports: [admin] });
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
    const { get, text } = await opened.start({
      imports: [HttpPoolModule.forFeature({ server: ['admin', 'ops'], controllers: [Shared] })],
    });
    expect(await text('admin', '/id')).toBe('1');
    expect(await text('ops', '/id')).toBe('1');
    expect((await get('public', '/id')).status).toBe(404);
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
    const { get } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({ server: 'admin', controllers: [named('one', 1)] }),
        HttpPoolModule.forFeature({ server: 'admin', controllers: [named('two', 2)] }),
      ],
    });
    for (const path of ['one', 'two']) {
      expect((await get('admin', `/${path}`)).headers.get('x-from')).toBe(path);
    }
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

  it('serves HTTP/2', async () => {
    class App {}
    Module({ imports: [HttpPoolModule.forRoot([{ ...ADMIN, protocol: 'http2' }]), admin] })(App);
    const app = opened.app(await create(App));
    await app.init();
    const client = await Http2Client.connect(urlOf(app, 'admin'));
    const { body } = await client.ask('/status');
    await client.close();
    expect(body).toBe('admin');
  });

  it('has a setup instead of controllers', async () => {
    const { text } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({
          server: 'admin',
          controllers: [],
          setup: (app) =>
            app
              .getHttpAdapter()
              .get('/plain', (_: unknown, response: any) => response.send('plain')),
        }),
      ],
    });
    expect(await text('admin', '/plain')).toBe('plain');
    expect(await text('public', '/plain')).toContain('Cannot GET /plain');
    expect(await text('admin', '/status')).toContain('Cannot GET /status');
  });

  it('stays bound through restarts and new handlers', async () => {
    const { app, text } = await opened.start({ imports: [admin] });
    const pool = app.get(PoolService);
    await pool.get('admin')?.restart();
    expect(await text('admin', '/status')).toBe('admin');
    pool.handler(() => ({ '': (_request, response) => void response.end('new') }));
    expect(await text('admin', '/status')).toBe('admin');
    expect(await text('public', '/status')).toBe('new');
  });
});
