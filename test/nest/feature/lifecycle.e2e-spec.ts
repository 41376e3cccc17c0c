import { Controller, Get, Module } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, PoolService } from 'nestjs-http-pool';
import { platforms } from '../support/adapters.js';
import { ADMIN, FeatureApps, PUBLIC } from '../support/feature-app.js';

const HOOKS = [
  'onModuleInit',
  'onApplicationBootstrap',
  'onModuleDestroy',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
] as const;

/** A controller that tells of its hooks. */
function hooked(path: string, calls: string[]) {
  @Controller(path)
  class HookedController {
    constructor() {
      calls.push('constructor');
      for (const hook of HOOKS) Object.assign(this, { [hook]: () => void calls.push(hook) });
    }

    @Get()
    it(): string {
      return 'ok';
    }
  }
  return HookedController;
}

describe.each(platforms)('the lifecycle of controllers of forFeature on $name', (platform) => {
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  it('is gone through once', async () => {
    const calls: string[] = [];
    const { app, text } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({ server: 'admin', controllers: [hooked('hooked', calls)] }),
      ],
    });
    expect(await text('admin', '/hooked')).toBe('ok');
    await app.close();
    expect(calls).toEqual(['constructor', ...HOOKS]);
  });

  it('is gone through once, for those of several servers', async () => {
    const calls: string[] = [];
    const controllers = [hooked('hooked', calls)];
    const { app, text } = await opened.start({
      imports: [HttpPoolModule.forFeature({ server: ['admin', 'ops'], controllers })],
    });
    expect(await text('admin', '/hooked')).toBe(await text('ops', '/hooked'));
    await app.get(PoolService).restart();
    await app.close();
    expect(calls).toEqual(['constructor', ...HOOKS]);
  });

  it('is that of the modules that it imports', async () => {
    const calls: string[] = [];
    @Module({})
    class ImportedModule {
      onModuleInit = () => void calls.push('init');
      onModuleDestroy = () => void calls.push('destroy');
    }
    const { app } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({
          server: ['admin', 'ops'],
          controllers: [hooked('a', [])],
          imports: [ImportedModule],
        }),
        HttpPoolModule.forFeature({
          server: 'ops',
          controllers: [hooked('b', [])],
          imports: [ImportedModule],
        }),
      ],
    });
    await app.close();
    expect(calls).toEqual(['init', 'destroy']);
  });

  it.each([{ onStartFailure: 'continue' as const }, { autoStart: false }])(
    'ends with an application that is closed while it starts (%j)',
    async (options) => {
      let release = (): void => undefined;
      const released = new Promise<void>((resolve) => (release = resolve));
      let enter = (): void => undefined;
      const entered = new Promise<void>((resolve) => (enter = resolve));
      let closed = 0;
      class Slow {
        async onApplicationBootstrap(): Promise<void> {
          enter();
          await released;
        }
      }
      class App {}
      Module({
        providers: [Slow],
        imports: [
          HttpPoolModule.forRoot({ servers: [PUBLIC, ADMIN], ...options }),
          HttpPoolModule.forFeature({
            server: 'admin',
            setup(server) {
              const adapter = server.getHttpAdapter() as { close(): Promise<void> };
              const close = adapter.close.bind(adapter);
              adapter.close = () => {
                closed += 1;
                return close();
              };
            },
          }),
        ],
      })(App);
      const app = await platform.create(App);
      const made = app.init();
      await entered;
      await app.close();
      release();
      await made;
      expect(closed).toBe(1);
      expect([...app.get(PoolService)].map(({ state }) => state)).toEqual(['stopped', 'stopped']);
    },
  );

  it('ends when the servers have stopped, and what they were asked is answered', async () => {
    const calls: string[] = [];
    let release = (): void => undefined;
    let entered = (): void => undefined;
    const inside = new Promise<void>((resolve) => (entered = resolve));
    @Controller('slow')
    class SlowController {
      onApplicationShutdown = () => void calls.push('shutdown');
      @Get()
      async it(): Promise<string> {
        entered();
        await new Promise<void>((resolve) => (release = resolve));
        calls.push('answered');
        return 'done';
      }
    }
    const { app, text } = await opened.start({
      imports: [HttpPoolModule.forFeature({ server: 'admin', controllers: [SlowController] })],
    });
    const answer = text('admin', '/slow');
    await inside;
    const closed = app.close();
    release();
    expect(await answer).toBe('done');
    await closed;
    expect(calls).toEqual(['answered', 'shutdown']);
  });
});
