import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { LOG_CONTEXT } from '../../lib/http-pool.constants.js';
import { HttpPoolModule } from '../../lib/http-pool.module.js';
import type { HttpPoolModuleInput, HttpPoolOptionsFactory } from '../../lib/http-pool.options.js';
import { PoolService } from '../../lib/pool.service.js';
import { PoolErrorCode } from '../../lib/errors/pool.error.js';
import {
  closeServer,
  Opened,
  platforms,
  refusal,
  takenPort,
  textOf,
  urlOf,
} from './support/adapters.js';
import { ForeignSignal } from '../support/foreign-signal.js';
import { Logs } from './support/logs.js';

const LOOPBACK = '127.0.0.1:0';

@Controller()
class HelloController {
  @Get()
  hello(): string {
    return 'hello';
  }
}

@Injectable()
class Settings implements HttpPoolOptionsFactory {
  readonly servers = [{ name: 'web', listen: LOOPBACK }];

  createHttpPoolOptions(): HttpPoolModuleInput {
    return { servers: this.servers };
  }
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

const forms: [string, () => ReturnType<typeof HttpPoolModule.forRoot>][] = [
  ['forRoot with a list', () => HttpPoolModule.forRoot([{ name: 'web', listen: LOOPBACK }])],
  [
    'forRoot with options',
    () => HttpPoolModule.forRoot({ servers: [{ name: 'web', listen: LOOPBACK }] }),
  ],
  [
    'forRootAsync with a factory that returns a list',
    () =>
      HttpPoolModule.forRootAsync({
        imports: [SettingsModule],
        inject: [Settings],
        useFactory: async (settings: Settings) => settings.servers,
      }),
  ],
  [
    'forRootAsync with a factory that returns options',
    () => HttpPoolModule.forRootAsync({ useFactory: () => ({ servers: new Settings().servers }) }),
  ],
  ['forRootAsync with useClass', () => HttpPoolModule.forRootAsync({ useClass: Settings })],
  [
    'forRootAsync with useExisting',
    () => HttpPoolModule.forRootAsync({ imports: [SettingsModule], useExisting: Settings }),
  ],
];

/** A logger that fails at each line of the library, and at no other. */
class FailingLogs extends Logs {
  failed = 0;
  override log = (_text: unknown, ...rest: unknown[]): void => this.fail(rest);
  override warn = (_text: unknown, ...rest: unknown[]): void => this.fail(rest);
  override error = (_text: unknown, ...rest: unknown[]): void => this.fail(rest);

  private fail(rest: unknown[]): void {
    if (rest.at(-1) !== LOG_CONTEXT) return;
    this.failed += 1;
    throw new Error('the disk is full');
  }
}

@Module({ controllers: [HelloController] })
class ImportedModule {}

@Controller('admin')
class AdminController {}

describe.each(platforms)('an application on $name whose logger throws', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it('starts, serves and stops all the same', async () => {
    const taken = await takenPort();
    opened.add(taken.server, closeServer);
    class App {}
    Module({
      imports: [
        HttpPoolModule.forRoot({
          servers: [
            { name: 'web', listen: LOOPBACK },
            { name: 'admin', listen: LOOPBACK },
            { name: 'lost', listen: `127.0.0.1:${taken.port}` },
          ],
          management: LOOPBACK,
          logTable: true,
          onStartFailure: 'continue',
        }),
        // A warning tells that what is imported is served by the application.
        HttpPoolModule.forFeature({
          server: 'admin',
          controllers: [AdminController],
          imports: [ImportedModule],
        }),
      ],
    })(App);
    const logger = new FailingLogs();
    const app = opened.app(await create(App, { logger }));
    await app.init();
    expect(await textOf(urlOf(app, 'web'))).toBe('hello');
    await app.close();
    expect([...app.get(PoolService)].map(({ state }) => state)).not.toContain('running');
    // Of the start, the table, the warnings and the stop at the least.
    expect(logger.failed).toBeGreaterThan(6);
  });
});

describe.each(platforms)('the module on $name', ({ name, create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const appOf = async (pool: ReturnType<typeof HttpPoolModule.forRoot>) => {
    class App {}
    Module({ imports: [pool], controllers: [HelloController] })(App);
    return opened.app(await create(App));
  };

  it.each(forms)('serves the application after init alone: %s', async (_form, module) => {
    const app = await appOf(module());
    await app.init();
    expect(await textOf(urlOf(app, 'web'))).toBe('hello');
  });

  it('comes up in a testing module', async () => {
    class App {}
    Module({ imports: [forms[0]![1]()], controllers: [HelloController] })(App);
    const testing = await Test.createTestingModule({ imports: [App] }).compile();
    const adapter = name === 'express' ? new ExpressAdapter() : new FastifyAdapter();
    const app = opened.app(testing.createNestApplication(adapter as never, { logger: false }));
    await app.init();
    expect(await textOf(urlOf(app, 'web'))).toBe('hello');
  });

  it('leaves nothing listening after close', async () => {
    const app = await appOf(forms[0]![1]());
    await app.init();
    const url = urlOf(app, 'web');
    await app.close();
    expect(await refusal(url)).toBe('ECONNREFUSED');
    expect(app.get(PoolService).isRunning()).toBe(false);
  });

  it('starts nothing after close, which would keep the process alive', async () => {
    const app = await appOf(forms[0]![1]());
    await app.init();
    const pool = app.get(PoolService);
    await app.close();
    const late = pool.storeNew({ name: 'late', listen: LOOPBACK }, { start: true });
    await expect(late).rejects.toThrow("Server 'late' was not started, its signal was aborted");
    await expect(pool.start()).rejects.toMatchObject({ code: PoolErrorCode.ERR_POOL_START });
    expect(pool.isRunning()).toBe(false);
  });

  it('leaves the application’s own server as it was', async () => {
    const app = await appOf(forms[0]![1]());
    const before = app.getHttpServer().eventNames();
    await app.init();
    await app.get(PoolService).beforeApplicationShutdown();
    expect(app.getHttpServer().eventNames()).toEqual(before);
  });

  it('serves beside app.listen()', async () => {
    const app = await appOf(forms[0]![1]());
    await app.listen(0, '127.0.0.1');
    const main = await app.getUrl();
    expect(await textOf(main)).toBe('hello');
    expect(await textOf(urlOf(app, 'web'))).toBe('hello');
    await app.close();
    expect(await refusal(main)).toBe('ECONNREFUSED');
  });

  it('does not start with autoStart false, until it is told to', async () => {
    const app = await appOf(
      HttpPoolModule.forRoot({ servers: [{ name: 'web', listen: LOOPBACK }], autoStart: false }),
    );
    await app.init();
    const pool = app.get(PoolService);
    expect(pool.isRunning()).toBe(false);
    await pool.start();
    expect(await textOf(urlOf(app, 'web'))).toBe('hello');
  });

  it('stops a pool that never started without complaint', async () => {
    const app = await appOf(
      HttpPoolModule.forRoot({ servers: [{ name: 'web', listen: LOOPBACK }], autoStart: false }),
    );
    await app.init();
    await expect(app.close()).resolves.toBeUndefined();
  });

  it('folds the defaults into every server', async () => {
    const app = await appOf(
      HttpPoolModule.forRoot({
        servers: [{ name: 'web', listen: LOOPBACK }],
        defaults: { disabled: true },
      }),
    );
    await app.init();
    expect(app.get(PoolService).get('web')?.disabled).toBe(true);
    expect(app.get(PoolService).isRunning()).toBe(false);
  });

  it('serves an entry of the registry where a key names it', async () => {
    const app = await appOf(
      HttpPoolModule.forRoot({
        servers: [
          { name: 'web', listen: LOOPBACK },
          { name: 'raw', listen: LOOPBACK, handlerKey: 'raw' },
        ],
        handlers: () => ({ raw: (_request, response) => void response.end('raw') }),
      }),
    );
    await app.init();
    expect(await textOf(urlOf(app, 'raw'))).toBe('raw');
    expect(await textOf(urlOf(app, 'web'))).toBe('hello');
  });

  it.each([
    [
      'the signal',
      (): [AbortSignal, () => void] => {
        const controller = new AbortController();
        return [controller.signal, () => controller.abort()];
      },
    ],
    [
      'a signal of another realm',
      (): [AbortSignal, () => void] => {
        const signal = ForeignSignal.make();
        return [signal, () => signal.abort()];
      },
    ],
  ])('stops its servers when %s aborts', async (_what, make) => {
    const [signal, abort] = make();
    const app = await appOf(
      HttpPoolModule.forRoot({
        servers: [{ name: 'web', listen: LOOPBACK }],
        signal,
      }),
    );
    await app.init();
    const url = urlOf(app, 'web');
    abort();
    await app.get(PoolService).stop();
    expect(await refusal(url)).toBe('ECONNREFUSED');
  });

  it('is there for other modules unless isGlobal is false', async () => {
    @Injectable()
    class Reader {
      constructor(readonly pool: PoolService) {}
    }
    @Module({ providers: [Reader], exports: [Reader] })
    class Other {}

    class Global {}
    Module({ imports: [forms[0]![1](), Other] })(Global);
    const app = opened.app(await create(Global));
    expect(app.get(Reader).pool.size).toBe(1);

    class Local {}
    Module({
      imports: [HttpPoolModule.forRoot({ servers: [], isGlobal: false }), Other],
    })(Local);
    await expect(create(Local)).rejects.toThrow(/PoolService/);

    class LocalAsync {}
    Module({
      imports: [HttpPoolModule.forRootAsync({ useFactory: () => [], isGlobal: false }), Other],
    })(LocalAsync);
    await expect(create(LocalAsync)).rejects.toThrow(/PoolService/);
  });

  it.each([
    ['two lists', forms[0]![1], forms[1]![1]],
    ['a list and a factory', forms[0]![1], forms[2]![1]],
    ['two factories', forms[4]![1], forms[5]![1]],
  ])('refuses a second forRoot: %s', async (_which, first, second) => {
    class App {}
    Module({ imports: [first(), second()] })(App);
    await expect(create(App)).rejects.toMatchObject({
      code: PoolErrorCode.ERR_POOL_VALIDATE,
      message: expect.stringContaining('set up 2 times'),
    });
  });

  it('takes one forRoot that two modules import, and one in each of two applications', async () => {
    const root = forms[0]![1]();
    class Feature {}
    Module({ imports: [root] })(Feature);
    class App {}
    Module({ imports: [root, Feature] })(App);
    const first = opened.app(await create(App));
    const second = opened.app(await create(App));
    await first.init();
    await second.init();
    expect(first.get(PoolService)).not.toBe(second.get(PoolService));
  });

  it.each<[string, unknown, string, RegExp]>([
    ['null', null, 'ERR_POOL_PARAM_EMPTY', /no servers to set up: got null/],
    ['undefined', undefined, 'ERR_POOL_PARAM_EMPTY', /no servers to set up/],
    ['options without servers', { autoStart: true }, 'ERR_POOL_PARAM_EMPTY', /have no `servers`/],
    ['a text', 'web', 'ERR_POOL_VALIDATE', /give options or a list of servers/],
    ['servers that are no list', { servers: 7 }, 'ERR_POOL_VALIDATE', /servers: got the number 7/],
    [
      'a misspelt option',
      { servers: [], onStartFailiure: 'continue' },
      'ERR_POOL_VALIDATE',
      /did you mean 'onStartFailure'\?/,
    ],
    [
      'a wrong value',
      { servers: [], onStartFailure: 'retry' },
      'ERR_POOL_VALIDATE',
      /give 'abort' or 'continue'/,
    ],
    ['a bad config', [{ name: 'web' }], 'ERR_POOL_VALIDATE', /servers\[0\]\.listen/],
  ])('refuses %s in one error', async (_what, input, code, message) => {
    for (const module of [
      HttpPoolModule.forRoot(input as never),
      HttpPoolModule.forRootAsync({ useFactory: () => input as never }),
    ]) {
      class App {}
      Module({ imports: [module] })(App);
      await expect(create(App)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
    }
  });

  it('lists all faults of all configs and binds nothing', async () => {
    class App {}
    Module({
      imports: [
        HttpPoolModule.forRoot([
          { name: 'one', listen: 'nowhere' },
          { name: 'two', listen: LOOPBACK, handlerKey: 'lost' },
          { name: 'three', listen: LOOPBACK, readTimeout: 'soon' },
        ]),
      ],
    })(App);
    await expect(create(App)).rejects.toMatchObject({
      code: PoolErrorCode.ERR_POOL_VALIDATE,
      errors: [{ server: 'one' }, { server: 'three' }],
    });
  });

  describe('with one of twenty ports taken', () => {
    const twenty = async () => {
      const { port, server } = await takenPort();
      opened.add(server, closeServer);
      return Array.from({ length: 20 }, (_, index) => ({
        name: `s${index}`,
        listen: index === 13 ? `127.0.0.1:${port}` : LOOPBACK,
      }));
    };

    it('rejects the bootstrap and leaves nothing bound: abort', async () => {
      const app = await appOf(HttpPoolModule.forRoot(await twenty()));
      const bound: string[] = [];
      const pool = app.get(PoolService);
      const subscription = pool.events$.subscribe(() => {
        for (const { url } of pool) if (url) bound.push(url);
      });
      await expect(app.init()).rejects.toMatchObject({
        code: PoolErrorCode.ERR_POOL_START,
        errors: [{ server: 's13', code: 'ERR_SERVER_PORT_IN_USE' }],
      });
      subscription.unsubscribe();
      expect(new Set(bound).size).toBe(19);
      for (const url of new Set(bound)) expect(await refusal(url)).toBe('ECONNREFUSED');
      expect([...pool].every(({ state }) => state === 'stopped' || state === 'failed')).toBe(true);
    });

    it('keeps what started, logs the rest and serves: continue', async () => {
      const lines: string[] = [];
      class App {}
      Module({
        imports: [HttpPoolModule.forRoot({ servers: await twenty(), onStartFailure: 'continue' })],
        controllers: [HelloController],
      })(App);
      const push = (line: unknown) => lines.push(String(line));
      const logger = { log() {}, warn: push, error: push };
      const app = opened.app(await create(App, { logger: logger as never }));
      await app.init();
      const running = [...app.get(PoolService)].filter((server) => server.isRunning());
      expect(running).toHaveLength(19);
      expect(await textOf(urlOf(app, 's0'))).toBe('hello');
      expect(lines).toEqual([
        expect.stringContaining('s13'),
        '1 of 20 servers could not be started, the rest serve',
      ]);
    });
  });
});
