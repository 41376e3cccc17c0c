import {
  Controller,
  Get,
  Injectable,
  Scope,
  type MiddlewareConsumer,
  type NestMiddleware,
  type NestModule,
  type OnModuleDestroy,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule } from 'nestjs-http-pool';
import { platforms } from '../support/adapters.js';
import { AdminController, FeatureApps, MainController } from '../support/feature-app.js';

/** Middleware that says of which instance it is, and what became of that. */
function counted(scope?: Scope) {
  const calls: string[] = [];
  let made = 0;
  @Injectable({ ...(scope !== undefined && { scope }) })
  class Counted implements NestMiddleware, OnModuleInit, OnModuleDestroy {
    readonly #id = (made += 1);
    #isReady = false;

    onModuleInit(): void {
      this.#isReady = true;
      calls.push(`init ${this.#id}`);
    }

    onModuleDestroy(): void {
      calls.push(`destroy ${this.#id}`);
    }

    use(_request: unknown, _response: unknown, next: () => void): void {
      calls.push(`use ${this.#id}${this.#isReady ? '' : ', not ready'}`);
      next();
    }
  }
  return { Counted, calls };
}

@Controller('more')
class MoreController {
  @Get()
  more(): string {
    return 'more';
  }
}

const both = HttpPoolModule.forFeature({
  server: ['admin', 'ops'],
  controllers: [AdminController, MoreController],
});

type Bind = (consumer: MiddlewareConsumer, middleware: Type<NestMiddleware>) => unknown;

function appWith(bind: Bind, middleware: Type<NestMiddleware>) {
  return class App implements NestModule {
    configure(consumer: MiddlewareConsumer): void {
      bind(consumer, middleware);
    }
  };
}

const bindings: [name: string, bind: Bind, onPublic: boolean][] = [
  [
    'a controller of theirs',
    (consumer, one) => consumer.apply(one).forRoutes(AdminController),
    false,
  ],
  [
    'several of them',
    (consumer, one) => consumer.apply(one).forRoutes(MoreController, AdminController),
    false,
  ],
  [
    'such a one, with an exclusion',
    (consumer, one) => consumer.apply(one).exclude('none').forRoutes(AdminController),
    false,
  ],
  ['all paths', (consumer, one) => consumer.apply(one).forRoutes('*path'), true],
  [
    'all paths, with an exclusion',
    (consumer, one) => consumer.apply(one).exclude('none').forRoutes('*path'),
    true,
  ],
  [
    'the controllers of all, with two exclusions',
    (consumer, one) =>
      consumer
        .apply(one)
        .exclude('none')
        .exclude('nothing')
        .forRoutes(MainController, AdminController),
    true,
  ],
];

describe.each(platforms)('middleware on several servers on $name', (platform) => {
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  it.each(bindings)('is made once, with its hooks: for %s', async (_name, bind, onPublic) => {
    const { Counted, calls } = counted();
    const { app, text } = await opened.start({ imports: [both], base: appWith(bind, Counted) });
    for (const server of ['public', 'admin', 'ops']) await text(server, '/status');
    await app.close();
    const uses = Array.from({ length: onPublic ? 3 : 2 }, () => 'use 1');
    expect(calls).toEqual(['init 1', ...uses, 'destroy 1']);
  });

  it('is made for each binding with exclusions, as in the application, and excludes on all', async () => {
    const { Counted, calls } = counted();
    const base = appWith((consumer, one) => {
      consumer.apply(one).exclude('status').forRoutes('*path');
      consumer.apply(one).exclude('more').forRoutes('*path');
    }, Counted);
    const { app, text } = await opened.start({ imports: [both], base });
    calls.length = 0;
    for (const server of ['public', 'admin']) await text(server, '/status');
    expect(calls.splice(0)).toEqual(['use 2', 'use 2']);
    expect(await text('ops', '/more')).toBe('more');
    expect(calls.splice(0)).toEqual(['use 1']);
    await app.close();
    expect(calls.toSorted()).toEqual(['destroy 1', 'destroy 2']);
  });

  it('is called where its instances have `use` as a property', async () => {
    const calls: string[] = [];
    class Property implements NestMiddleware {
      use = (_request: unknown, _response: unknown, next: () => void): void => {
        calls.push('use');
        next();
      };
    }
    const base = appWith(
      (consumer, one) => consumer.apply(one).exclude('none').forRoutes('*path'),
      Property,
    );
    const { text } = await opened.start({ imports: [both], base });
    for (const server of ['public', 'admin', 'ops']) await text(server, '/status');
    expect(calls).toEqual(['use', 'use', 'use']);
  });

  it('is made for each request where it asks for that', async () => {
    const { Counted, calls } = counted(Scope.REQUEST);
    const base = appWith(
      (consumer, one) => consumer.apply(one).exclude('none').forRoutes(AdminController),
      Counted,
    );
    const { text } = await opened.start({ imports: [both], base });
    for (const server of ['admin', 'admin', 'ops']) await text(server, '/status');
    expect(new Set(calls.filter((call) => call.startsWith('use'))).size).toBe(3);
  });
});
