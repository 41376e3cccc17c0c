import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from '@jest/globals';
import {
  HttpPoolModule,
  PoolError,
  PoolService,
  type HttpPoolFeatureOptions,
  type HttpPoolModuleAsyncOptions,
} from '../../lib/index.js';
import { failure, thrown } from '../support/events.js';

const listen = '127.0.0.1:0';
class Controller {}
class Cfg {
  get name() {
    return 'web';
  }
  get listen() {
    return listen;
  }
}

/** The lines of the error, without its headline. */
const faults = (call: () => unknown): string[] => {
  const error = thrown<PoolError>(call);
  expect(error).toBeInstanceOf(PoolError);
  expect(error.code).toBe('ERR_POOL_VALIDATE');
  const [headline, ...lines] = error.message.split('\n');
  expect(headline).toMatch(/^HttpPoolModule\.for\w+ was given options that are not valid:$/);
  return lines.map((line) => line.trim().slice('- '.length));
};

describe('forFeature', () => {
  const call = (options: unknown) => () =>
    HttpPoolModule.forFeature(options as HttpPoolFeatureOptions);
  const wrong: [object, (string | RegExp)[]][] = [
    [{ inherits: true }, ["unknown key 'inherits', did you mean 'inherit'?"]],
    [{ guard: 1 }, [/^unknown key 'guard', the keys are server, controllers, /]],
    [{ server: ['admin', undefined] }, [/^server\[1\]: got nothing, give the name of a server/]],
    [{ server: ['admin', ''] }, [/^server\[1\]: got an empty string, give /]],
    [
      { server: 5 },
      [/^server: got the number 5, give the name of a server, .*or a list of names$/],
    ],
    [{ server: null }, [/^server: got null, give /]],
    [{ server: new Set(['admin']) }, [/^server: got an object of type Set, give /]],
    [{ server: [['admin']] }, [/^server\[0\]: got a list, give /]],
    [{ controllers: ['x'] }, [/^controllers\[0\]: got the string 'x', give a class/]],
    [
      { controllers: [Controller, undefined] },
      [/^controllers\[1\]: got nothing, .*imported in a circle/],
    ],
    [{ controllers: {} }, ['controllers: got an object, give a list of controllers']],
    [{ controllers: null }, ['controllers: got null, give a list of controllers']],
    [{ modules: [undefined] }, [/^modules\[0\]: got nothing, give a module/]],
    [{ modules: 'x' }, ["modules: got the string 'x', give a list of modules"]],
    [{ imports: {} }, ['imports: got an object, give a list of modules']],
    [{ imports: null }, ['imports: got null, give a list of modules']],
    [{ imports: ['x'] }, [/^imports\[0\]: got the string 'x', give a module/]],
    [{ providers: {} }, ['providers: got an object, give a list of providers']],
    [{ providers: [null] }, [/^providers\[0\]: got null, give a provider/]],
    [{ exports: 5 }, ['exports: got the number 5, give a list of tokens, providers and modules']],
    [{ exports: [''] }, [/^exports\[0\]: got an empty string, give a token/]],
    [{ setup: 'x' }, ["setup: got the string 'x', give a function of the application of a server"]],
    [{ inherit: 'yes' }, ["inherit: got the string 'yes', give true or false"]],
    [
      { server: [1], setup: 'x', inherits: true, imports: {} },
      [/^server\[0\]/, /^imports: /, /^setup: /, /^unknown key 'inherits'/],
    ],
  ];

  it.each(wrong)('tells what is wrong with %p', (options, expected) => {
    const found = faults(call({ server: 'admin', controllers: [Controller], ...options }));
    expect(found).toEqual(
      expected.map((each) => (typeof each === 'string' ? each : expect.stringMatching(each))),
    );
  });

  it.each(['admin', 5, ['admin']])('takes no %p for options', (options) => {
    expect(faults(call(options))).toEqual([
      expect.stringMatching(/give an object with the options$/),
    ]);
  });

  it.each([null, undefined, {}])('needs options: %p', (options) => {
    expect(thrown<PoolError>(call(options)).code).toBe('ERR_POOL_PARAM_EMPTY');
  });

  it('takes options of a class, and keys that are undefined', () => {
    class Options {
      readonly nothing = undefined;
      get server() {
        return 'admin';
      }
      get controllers() {
        return [Controller];
      }
      get inherit() {
        return true;
      }
    }
    expect(call(new Options())().controllers).toEqual([Controller]);
    class Wrong extends Options {
      get setup() {
        return 5;
      }
    }
    expect(faults(call(new Wrong()))).toEqual([expect.stringMatching(/^setup: got the number 5/)]);
  });
});

describe('forRootAsync', () => {
  const call = (options: unknown) => () =>
    HttpPoolModule.forRootAsync(options as HttpPoolModuleAsyncOptions);
  const useFactory = () => [{ name: 'web', listen }];
  const wrong: [object, (string | RegExp)[]][] = [
    [{ useFactry: useFactory }, ["unknown key 'useFactry', did you mean 'useFactory'?"]],
    [{ useFactory: 5 }, ['useFactory: got the number 5, give a function that returns the options']],
    [{ useClass: {} }, [/^useClass: got an object, give a class with createHttpPoolOptions\(\)$/]],
    [{ useExisting: 5 }, [/^useExisting: got the number 5, give the token of a provider/]],
    [{ useFactory, inject: 'A' }, ["inject: got the string 'A', give a list of tokens"]],
    [{ useFactory, inject: ['A', undefined] }, [/^inject\[1\]: got nothing, give a token/]],
    [{ useFactory, imports: {} }, ['imports: got an object, give a list of modules']],
    [{ useFactory, isGlobal: 'no' }, ["isGlobal: got the string 'no', give true or false"]],
    [
      { useFactory: null, global: true },
      [/^useFactory: got null/, /^unknown key 'global', did you mean 'isGlobal'/],
    ],
  ];

  it.each(wrong)('tells what is wrong with %p', (options, expected) => {
    expect(faults(call(options))).toEqual(
      expected.map((each) => (typeof each === 'string' ? each : expect.stringMatching(each))),
    );
  });

  it.each([{}, { useFactory: undefined }, { imports: [] }])('needs a factory: %p', (options) => {
    const { code, message } = thrown<PoolError>(call(options));
    expect(code).toBe('ERR_POOL_PARAM_EMPTY');
    expect(message).toMatch(/give useFactory, useClass or useExisting$/);
  });
});

describe('options of a class', () => {
  class Options {
    get servers() {
      return [new Cfg()];
    }
    get onStartFailure() {
      return 'continue' as const;
    }
  }
  class AsyncOptions {
    get useFactory() {
      return () => new Options();
    }
  }
  const create = (pool: DynamicModule) => {
    class App {}
    Module({ imports: [pool] })(App);
    return NestFactory.create(App, { logger: false, abortOnError: false });
  };

  it.each([
    ['forRoot', () => HttpPoolModule.forRoot(new Options())],
    [
      'the factory of forRootAsync',
      () => HttpPoolModule.forRootAsync({ useFactory: () => new Options() }),
    ],
    ['forRootAsync', () => HttpPoolModule.forRootAsync(new AsyncOptions())],
  ])('are read by %s', async (_how, module) => {
    const app = await create(module());
    await app.init();
    expect(app.get(PoolService).get('web')!.isRunning()).toBe(true);
    await app.close();
  });

  it.each<[string, object, RegExp]>([
    ['autoStart', { autoStart: 5 }, /autoStart: got the number 5/],
    [
      'metrics',
      {
        metrics: new (class {
          get registry() {
            return 5;
          }
        })(),
      },
      /metrics\.registry: got the number 5/,
    ],
  ])('are told of with their faults: %s', async (key, values, expected) => {
    class Wrong extends Options {}
    Object.defineProperty(Wrong.prototype, key, { get: () => Reflect.get(values, key) as unknown });
    const error = await failure<PoolError>(create(HttpPoolModule.forRoot(new Wrong())));
    expect(error.code).toBe('ERR_POOL_VALIDATE');
    expect(error.message).toMatch(expected);
  });

  it('that throw when they are read are told of by a code', () => {
    class Throwing extends Options {
      get isGlobal(): boolean {
        throw new Error('not yours');
      }
    }
    const { code, message } = thrown<PoolError>(() => HttpPoolModule.forRoot(new Throwing()));
    expect(code).toBe('ERR_POOL_VALIDATE');
    expect(message).toMatch(/not valid: cannot be read: 'not yours'$/);
  });
});
