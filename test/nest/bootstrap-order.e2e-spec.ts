import { Controller, Get, Global, Injectable, Module, type DynamicModule } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, PoolService } from 'nestjs-http-pool';
import {
  closeServer,
  Opened,
  platforms,
  refusal,
  takenPort,
  textOf,
  urlOf,
} from './support/adapters.js';

const listen = '127.0.0.1:0';

@Controller()
class HelloController {
  @Get()
  hello(): string {
    return 'hello';
  }
}

type Hook =
  'onModuleInit' | 'onApplicationBootstrap' | 'onModuleDestroy' | 'beforeApplicationShutdown';

/** A provider whose hook does this. */
function hooked(hook: Hook, act: (pool: PoolService) => unknown) {
  @Injectable()
  class Hooked {
    constructor(private readonly pool: PoolService) {
      Object.defineProperty(this, hook, { value: () => act(this.pool) });
    }
  }
  return Hooked;
}

const places = [
  'the root module',
  'a module below',
  'a global module',
  'a dynamic one',
  'the server',
];

/** An application with that provider in that place. */
function appWith(place: string, provider: ReturnType<typeof hooked>) {
  class Deep {}
  Module({ providers: place === 'a module below' ? [provider] : [] })(Deep);
  class Middle {}
  Module({ imports: [Deep] })(Middle);
  class Shared {}
  Module({ providers: place === 'a global module' ? [provider] : [] })(Shared);
  Global()(Shared);
  class Dynamic {}
  const dynamic: DynamicModule = {
    module: Dynamic,
    global: true,
    providers: place === 'a dynamic one' ? [provider] : [],
  };
  class App {}
  Module({
    imports: [
      Middle,
      HttpPoolModule.forRoot({
        servers: [
          { name: 'web', listen },
          { name: 'admin', listen },
        ],
      }),
      Shared,
      dynamic,
      HttpPoolModule.forFeature({
        server: 'admin',
        controllers: [HelloController],
        providers: place === 'the server' ? [provider] : [],
      }),
    ],
    controllers: [HelloController],
    providers: place === 'the root module' ? [provider] : [],
  })(App);
  return App;
}

describe.each(platforms)('the order of hooks on $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const states = (pool: PoolService): string[] => [...pool].map(({ state }) => state);

  it.each(places)('binds after the bootstrap of every other module: of %s', async (place) => {
    const seen: string[][] = [];
    const late = hooked('onApplicationBootstrap', async (pool) => {
      seen.push(states(pool));
      for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
      seen.push(states(pool));
    });
    const app = opened.app(await create(appWith(place, late)));
    await app.init();
    expect(seen).toEqual([
      ['stopped', 'stopped'],
      ['stopped', 'stopped'],
    ]);
    expect(await textOf(urlOf(app, 'web'))).toBe('hello');
  });

  it.each(places)('leaves nothing bound when a bootstrap throws: of %s', async (place) => {
    const failing = hooked('onApplicationBootstrap', () =>
      Promise.reject(new Error('no database')),
    );
    const app = opened.app(await create(appWith(place, failing)));
    await expect(app.init()).rejects.toThrow('no database');
    const pool = app.get(PoolService);
    expect(states(pool)).toEqual(['stopped', 'stopped']);
    expect([...pool].map(({ address }) => address)).toEqual([undefined, undefined]);
  });

  it.each(places)('has stopped before the shutdown of every other module: of %s', async (place) => {
    const seen: string[][] = [];
    const last = hooked('beforeApplicationShutdown', (pool) => seen.push(states(pool)));
    const app = opened.app(await create(appWith(place, last)));
    await app.init();
    const url = urlOf(app, 'web');
    await app.close();
    expect(seen).toEqual([['stopped', 'stopped']]);
    expect(await refusal(url)).toBe('ECONNREFUSED');
  });

  it.each(places)('has stopped when another module can not be destroyed: of %s', async (place) => {
    let isBroken = true;
    const failing = hooked('onModuleDestroy', () => {
      if (isBroken) throw new Error('no way back');
    });
    const app = opened.app(await create(appWith(place, failing)));
    await app.init();
    // Nest 12 logs the error, and 11 rejects with it.
    await app.close().catch((error: Error) => expect(error.message).toBe('no way back'));
    expect(states(app.get(PoolService))).toEqual(['stopped', 'stopped']);
    isBroken = false;
  });

  it('drains what is asked meanwhile before another module shuts down', async () => {
    const events: string[] = [];
    let arrived = (): void => undefined;
    const begun = new Promise<void>((resolve) => (arrived = resolve));
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    @Controller('slow')
    class SlowController {
      @Get()
      async slow(): Promise<string> {
        arrived();
        await finished;
        events.push('answered');
        return 'slow';
      }
    }
    const Shutdown = hooked('beforeApplicationShutdown', () => events.push('shut down'));
    class App {}
    Module({
      imports: [HttpPoolModule.forRoot([{ name: 'web', listen }])],
      controllers: [SlowController],
      providers: [Shutdown],
    })(App);
    const app = opened.app(await create(App));
    await app.init();
    const answer = textOf(urlOf(app, 'web', '/slow'));
    await begun;
    const draining = new Promise<void>((resolve) =>
      app.get(PoolService).events$.subscribe(({ state }) => state === 'draining' && resolve()),
    );
    const closed = app.close();
    await draining;
    finish();
    await closed;
    expect(await answer).toBe('slow');
    expect(events).toEqual(['answered', 'shut down']);
  });

  it.each(['onModuleInit', 'onApplicationBootstrap'] as const)(
    'leaves nothing bound that was started by hand when %s throws later',
    async (hook) => {
      const failing = hooked(hook, async (pool) => {
        await pool.get('web')!.start();
        throw new Error('no database');
      });
      const app = opened.app(await create(appWith('the root module', failing)));
      await expect(app.init()).rejects.toThrow('no database');
      expect(states(app.get(PoolService))).toEqual(['stopped', 'stopped']);
    },
  );

  it('leaves nothing bound that was started by hand when the management server can not be', async () => {
    const { port, server } = await takenPort();
    opened.add(server, closeServer);
    const early = hooked('onModuleInit', (pool) => pool.get('web')!.start());
    class App {}
    Module({
      imports: [
        HttpPoolModule.forRoot({
          servers: [{ name: 'web', listen }],
          management: `127.0.0.1:${port}`,
        }),
      ],
      providers: [early],
    })(App);
    const app = opened.app(await create(App));
    await expect(app.init()).rejects.toThrow('management');
    expect(states(app.get(PoolService))).toEqual(['stopped', 'stopped']);
  });

  it('keeps a server that was started by hand in a hook', async () => {
    const early = hooked('onModuleInit', (pool) => pool.get('web')!.start());
    const app = opened.app(await create(appWith('the root module', early)));
    await app.init();
    expect(await textOf(urlOf(app, 'web'))).toBe('hello');
  });
});
