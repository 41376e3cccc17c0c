/** What the management server needs of Nest's insides: see lib/nest/internals/bootstrap.ts. */
import { Module, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { ModuleRef, NestApplicationContext, NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { watchBootstrap } from '../../lib/nest/internals/bootstrap.js';
import { containerOf } from '../../lib/nest/internals/nest.js';
import { failure } from '../support/events.js';
import { Opened, platforms } from './support/adapters.js';

interface Ending {
  getModulesToTriggerHooksOn(): unknown[];
}

describe.each([
  ...platforms,
  {
    name: 'no adapter',
    create: async (module: never) => {
      // A context is initialised while it is made, so it is asked for before.
      const options = { logger: false as const, abortOnError: false };
      return NestFactory.createApplicationContext(module, options);
    },
  },
])('the bootstrap of an application with $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const moduleWith = (order: string[], broken?: Error, inHook = 'onApplicationBootstrap') => {
    class Hooked implements OnModuleInit, OnApplicationBootstrap {
      onModuleInit(): void {
        if (broken && inHook === 'onModuleInit') throw broken;
      }
      onApplicationBootstrap(): void {
        order.push('hook');
        if (broken) throw broken;
      }
    }
    class App {}
    const watching = {
      provide: 'WATCHING',
      inject: [ModuleRef],
      useFactory: (moduleRef: ModuleRef) =>
        watchBootstrap(containerOf(moduleRef), {
          before: async () => void order.push('before'),
          failed: async () => void order.push('failed'),
        }),
    };
    Module({ providers: [watching, Hooked] })(App);
    return App;
  };

  it('is told of before the first hook', async () => {
    const order: string[] = [];
    const app = opened.app(await create(moduleWith(order) as never));
    await app.init();
    expect(app.get('WATCHING')).toBe(true);
    expect(order).toEqual(['before', 'hook']);
  });

  it('is told of when a hook throws, which the bootstrap rejects with', async () => {
    const order: string[] = [];
    const broken = new Error('the hook broke');
    const made = create(moduleWith(order, broken) as never).then((app) => app.init());
    expect(await failure(made)).toBe(broken);
    expect(order).toEqual(['before', 'hook', 'failed']);
  });

  it('is told of when a module is not initialised, and of nothing before', async () => {
    const order: string[] = [];
    const broken = new Error('the hook broke');
    const module = moduleWith(order, broken, 'onModuleInit');
    const made = create(module as never).then((app) => app.init());
    expect(await failure(made)).toBe(broken);
    expect(order).toEqual(['failed']);
  });

  it('is told of when the hooks of the end throw', async () => {
    const order: string[] = [];
    const broken = new Error('the hook broke');
    const app = opened.app(await create(moduleWith(order) as never));
    await app.init();
    // As every throwing hook does on Nest 11; 12 logs them.
    const prototype = NestApplicationContext.prototype as unknown as Ending;
    const modules = jest.spyOn(prototype, 'getModulesToTriggerHooksOn');
    modules.mockImplementationOnce(() => {
      throw broken;
    });
    expect(await failure(app.close())).toBe(broken);
    expect(order).toEqual(['before', 'hook', 'failed']);
    modules.mockRestore();
  });

  it('of an application that is not watched is as ever', async () => {
    class App {}
    Module({})(App);
    const app = opened.app(await create(App as never));
    await app.init();
    expect(app).toBeInstanceOf(NestApplicationContext);
  });
});
