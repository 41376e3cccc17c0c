import { Module, type INestApplication } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, PoolErrorCode, PoolService } from 'nestjs-http-pool';
import { platforms } from '../support/adapters.js';
import { AdminController, ADMIN, FeatureApps, PUBLIC } from '../support/feature-app.js';

describe.each(platforms)('forFeature on $name', (platform) => {
  const { create } = platform;
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

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

  it('fails the bootstrap for a server that serves an entry of the handlers', async () => {
    @Module({
      imports: [
        HttpPoolModule.forRoot({
          servers: [PUBLIC, { ...ADMIN, handlerKey: 'raw' }],
          handlers: () => ({ raw: (_request, response) => void response.end('raw') }),
        }),
        HttpPoolModule.forFeature({ server: ['public', 'admin'], controllers: [AdminController] }),
      ],
    })
    class App {}
    const app = opened.app(await create(App));
    await expect(app.init()).rejects.toMatchObject({
      code: PoolErrorCode.ERR_POOL_VALIDATE,
      message: expect.stringContaining(
        "AdminController can't be bound to the server 'admin', whose handlerKey 'raw'",
      ),
      errors: [{ server: 'admin' }],
    });
    expect(app.get(PoolService).isRunning()).toBe(false);
  });

  it('fails the bootstrap for a server that redirects', async () => {
    @Module({
      imports: [
        HttpPoolModule.forRoot([PUBLIC, { ...ADMIN, redirectTo: 'public' }]),
        HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminController] }),
      ],
    })
    class App {}
    const app = opened.app(await create(App));
    await expect(app.init()).rejects.toThrow(
      "AdminController can't be bound to the server 'admin', which redirects its requests",
    );
    expect(app.get(PoolService).isRunning()).toBe(false);
  });

  it('keeps a server with controllers from being turned into one that redirects', async () => {
    @Module({
      imports: [
        HttpPoolModule.forRoot([PUBLIC, ADMIN]),
        HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminController] }),
      ],
    })
    class App {}
    const app = opened.app(await create(App));
    await app.init();
    const pool = app.get(PoolService);
    const redirects = { ...ADMIN, redirectTo: 'public' };
    const refused = { issues: [{ path: expect.stringMatching(/redirectTo$/) }] };
    await expect(pool.get('admin')!.setConfig(redirects)).rejects.toMatchObject(refused);
    await expect(pool.apply([PUBLIC, redirects])).rejects.toMatchObject({ errors: [refused] });
  });

  it('fails the bootstrap in an application without forRoot', async () => {
    @Module({
      imports: [HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminController] })],
    })
    class App {}
    await expect(create(App)).rejects.toMatchObject({
      code: PoolErrorCode.ERR_POOL_VALIDATE,
      message: expect.stringMatching(/forFeature needs HttpPoolModule\.forRoot .*'admin'/),
    });
  });

  it('fails the bootstrap with a setup that fails, or that starts the application', async () => {
    const start = (setup: (app: INestApplication) => unknown) =>
      opened.start({
        imports: [HttpPoolModule.forFeature({ server: 'admin', controllers: [], setup })],
      });
    await expect(start(() => Promise.reject(new Error('no plugin')))).rejects.toThrow('no plugin');
    for (const method of ['init', 'listen', 'close', 'enableShutdownHooks'] as const) {
      await expect(start((app) => app[method](0 as never))).rejects.toThrow(
        `${method}() was called on the application of one server`,
      );
    }
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
});
