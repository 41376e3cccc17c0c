import { Controller, Get, Inject, Injectable, Module, type LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  getServerToken,
  HttpPoolModule,
  InjectServer,
  PoolErrorCode,
  PooledServer,
  PoolService,
  type HttpPoolModuleOptions,
} from 'nestjs-http-pool';
import { ask } from '../support/http-client.js';
import { Opened, textOf, urlOf } from './support/adapters.js';
import { Logs } from './support/logs.js';

const listen = '127.0.0.1:0';

@Controller('users')
class UsersController {
  @Get()
  all(): string {
    return 'users';
  }
}

@Injectable()
class Reporter {
  constructor(
    readonly pool: PoolService,
    @InjectServer('web') readonly web: PooledServer,
    @Inject(getServerToken('raw')) readonly raw: PooledServer,
  ) {}
}

const servers = [
  { name: 'web', listen },
  { name: 'admin', listen },
  { name: 'raw', listen, handlerKey: 'raw' },
];
const handlers: HttpPoolModuleOptions['handlers'] = () => ({
  raw: (_request, response) => void response.end('raw'),
});

function appModule(options: Partial<HttpPoolModuleOptions> = {}) {
  class App {}
  Module({
    imports: [
      HttpPoolModule.forRoot({ servers, handlers, ...options }),
      HttpPoolModule.forFeature({ server: 'admin', controllers: [UsersController] }),
    ],
    providers: [Reporter],
  })(App);
  return App;
}

describe('an application without HTTP', () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const context = async (options?: Partial<HttpPoolModuleOptions>, logger?: LoggerService) =>
    opened.app(
      await NestFactory.createApplicationContext(appModule(options), {
        logger: logger ?? false,
        abortOnError: false,
      }),
    );

  const states = (app: { get(token: typeof PoolService): PoolService }) =>
    [...app.get(PoolService)].map(({ state }) => state);

  it('binds nothing and refuses nothing, and says so in one line', async () => {
    const logs = new Logs();
    const app = await context({}, logs);
    expect(states(app)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(logs.lines('HttpPool')).toEqual([expect.stringMatching(/no HTTP adapter/)]);
  });

  it('gives everything to those who inject it', async () => {
    const app = await context();
    const { pool, web, raw } = app.get(Reporter);
    expect([pool.size, web.name, raw.name]).toEqual([3, 'web', 'raw']);
    expect(app.get(UsersController)).toBeInstanceOf(UsersController);
  });

  it('binds nothing in a testing module that is initialised as it is', async () => {
    const testing = await Test.createTestingModule({ imports: [appModule()] }).compile();
    opened.app(testing);
    await testing.init();
    expect(states(testing)).toEqual(['stopped', 'stopped', 'stopped']);
  });

  it('refuses those that need the application in a testing module that is only compiled', async () => {
    const builder = Test.createTestingModule({ imports: [appModule()] }).setLogger(new Logs());
    const testing = await builder.compile();
    const pool = testing.get(PoolService);
    await expect(pool.start()).rejects.toMatchObject({
      code: PoolErrorCode.ERR_POOL_START,
      errors: [{ server: 'web' }, { server: 'admin' }],
    });
    expect(await textOf(pool.get('raw')!.url!)).toBe('raw');
    const app = opened.app(testing.createNestApplication());
    await app.init();
    expect(await textOf(urlOf(app, 'admin', '/users'))).toBe('users');
  });

  const ways: Record<string, (pool: PoolService) => Promise<unknown>> = {
    'a server': (pool) => pool.get('web')!.start(),
    'a server, by a restart': (pool) => pool.get('web')!.restart(),
    'a view': (pool) => pool.filter('name', 'web').start(),
    'a view, by a restart': (pool) => pool.filter('name', 'web').restart(),
    'the pool, by a restart': (pool) => pool.restart(),
    'a server that comes': (pool) => pool.storeNew({ name: 'late', listen }, { start: true }),
    'a copy': async (pool) => {
      const copy = pool.clone();
      await copy.start().finally(() => copy.stop());
    },
  };
  it.each(Object.keys(ways))('refuses them in such a testing module to %s', async (way) => {
    const builder = Test.createTestingModule({ imports: [appModule()] }).setLogger(new Logs());
    const testing = opened.app(await builder.compile());
    const pool = testing.get(PoolService);
    const error = await ways[way]!(pool).catch((reason: unknown) => reason);
    expect(String((error as Error).message)).toMatch(/no HTTP adapter/);
    expect([pool.get('web')!.isRunning(), pool.get('late')]).toEqual([false, undefined]);
    await pool.stop();
  });

  it('binds nothing in a microservice, and says so once though it calls its hooks twice', async () => {
    const logs = new Logs();
    const app = await NestFactory.createMicroservice(appModule(), {
      logger: logs,
      abortOnError: false,
      options: { host: '127.0.0.1', port: 0 },
    } as never);
    opened.app(app);
    await app.init();
    expect(states(app)).toEqual(['stopped', 'stopped', 'stopped']);
    expect(logs.lines('HttpPool')).toEqual([expect.stringMatching(/no HTTP adapter/)]);
  });

  it('starts servers with handlers of their own by pool.start(), and refuses the others', async () => {
    const app = await context({ autoStart: false });
    const error = await app
      .get(PoolService)
      .start()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: PoolErrorCode.ERR_POOL_START,
      errors: [{ server: 'web' }, { server: 'admin' }],
    });
    expect(String((error as Error).message)).toMatch(/no HTTP adapter/);
    expect(await textOf(urlOf(app, 'raw'))).toBe('raw');
    expect(app.get(PoolService).get('web')!.isRunning()).toBe(false);
  });

  it('starts them by autoStart, when that is asked for', async () => {
    const kept = await context({ autoStart: true, onStartFailure: 'continue' });
    expect(await textOf(urlOf(kept, 'raw'))).toBe('raw');
    await expect(context({ autoStart: true })).rejects.toMatchObject({
      code: PoolErrorCode.ERR_POOL_START,
      errors: [{ server: 'web' }, { server: 'admin' }],
    });
  });

  it('serves them all by autoStart, where none needs the application', async () => {
    class App {}
    const own = [
      { name: 'raw', listen, handlerKey: 'raw' },
      { name: 'moved', listen, redirectTo: 'raw' },
    ];
    Module({ imports: [HttpPoolModule.forRoot({ servers: own, handlers, autoStart: true })] })(App);
    const app = opened.app(
      await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false }),
    );
    expect(await textOf(urlOf(app, 'raw'))).toBe('raw');
    expect((await ask(urlOf(app, 'moved'))).headers['location']).toBe(urlOf(app, 'raw', '/'));
  });
});
