import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';
import { Module, VersioningType, type MiddlewareConsumer } from '@nestjs/common';
import {
  HttpAdapterHost,
  ModuleRef,
  ModulesContainer,
  NestApplication,
  NestApplicationContext,
  NestFactory,
  type GraphInspector,
} from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { adapterClassesOf, ownFieldsOf } from '../../lib/nest/internals/adapter-classes.js';
import { FastifyCalls, nameOfCall } from '../../lib/nest/internals/fastify-calls.js';
import {
  countExpressLayers,
  expressLayersOf,
  nameOfLayer,
} from '../../lib/nest/internals/express.js';
import {
  fastifyIsWithCors,
  fastifyMiddlewareOf,
  fastifyOptionsOf,
  fastifyPathMiddlewareOf,
  fastifyRequestHooksOf,
  ownFastifyParsers,
} from '../../lib/nest/internals/fastify.js';
import { tokensOfLast } from '../../lib/nest/internals/middleware.js';
import {
  adapterOf,
  callHooksLast,
  connectNothing,
  containerOf,
  copyRequestHooks,
  moduleOf,
  onAdapter,
} from '../../lib/nest/internals/nest.js';
import { Opened } from './support/adapters.js';

/*
 * Canaries: what lib/nest/internals reads beyond the documents of each package, looked for in the version
 * that is installed. One that fails says what a new version has moved, and where it is used.
 */

const versionOf = (name: string): string =>
  (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;

describe(`@nestjs/core ${versionOf('@nestjs/core')}`, () => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const start = async (configure?: (consumer: MiddlewareConsumer) => void) => {
    class Below {}
    Module({})(Below);
    class App {
      configure(consumer: MiddlewareConsumer): void {
        configure?.(consumer);
      }
    }
    Module({ imports: [Below] })(App);
    const adapter = new ExpressAdapter();
    const app = opened.app(await NestFactory.create(App, adapter, { logger: false }));
    return { app, adapter, Below, container: containerOf(app.get(ModuleRef)) };
  };

  it('has its container behind a ModuleRef', async () => {
    const { app, container } = await start();
    expect(container.getModules()).toBe(app.get(ModulesContainer));
  });

  it('has in a container and its modules what is shown otherwise to the router of a server', async () => {
    const { container } = await start();
    const lacking = (members: object): ModuleRef => ({ container: members }) as never;
    expect(() => containerOf(lacking({}))).toThrow('the container of a ModuleRef');
    const { getModules } = container;
    expect(() => containerOf(lacking({ getModules }))).toThrow(
      /getModuleByKey, .* of the container/,
    );
    const strange = Object.create(container, { getModules: { value: () => new Map([['a', {}]]) } });
    expect(() => containerOf(lacking(strange as object))).toThrow(/token, .* of a module/);
  });

  it('may have a container that does not show its options, as Nest 11.0 has', async () => {
    const { container } = await start();
    const { getModules } = container;
    const members = [
      'getModuleByKey',
      'getDynamicMetadataByToken',
      'getModuleCompiler',
      'getHttpAdapterRef',
      'applicationConfig',
    ];
    const older = Object.fromEntries(members.map((member) => [member, undefined]));
    Object.assign(older, { getModules: getModules.bind(container) });
    expect(containerOf({ container: older } as never)).toBe(older);
  });

  it('tells when an application is given its adapter, or does not, as Nest 11.0', async () => {
    const { app } = await start();
    const host = app.get(HttpAdapterHost);
    const seen: string[] = [];
    onAdapter(host, () => seen.push('told'));
    host.httpAdapter = new ExpressAdapter();
    onAdapter({} as HttpAdapterHost, () => seen.push('never'));
    expect(seen).toEqual(['told']);
  });

  it('keeps in an application what connects gateways and clients', async () => {
    expect(() => connectNothing({ socketModule: null })).toThrow(/lacks microservicesModule of/);
    const { container, adapter } = await start();
    const { applicationConfig } = container;
    const app = new NestApplication(container, adapter, applicationConfig!, {} as GraphInspector);
    connectNothing(app);
    expect(app).toMatchObject({ socketModule: null, microservicesModule: null });
  });

  it.each([
    ['Express', () => new ExpressAdapter()],
    ['Fastify', () => new FastifyAdapter()],
  ])('keeps the hooks of requests and answers on the adapter of %s', (_name, make) => {
    const [from, to] = [make(), make()];
    const [onRequest, onResponse] = [jest.fn(), jest.fn()];
    from.setOnRequestHook(onRequest as never);
    from.setOnResponseHook(onResponse as never);
    const heard = [
      jest.spyOn(to, 'setOnRequestHook').mockReturnValue(),
      jest.spyOn(to, 'setOnResponseHook').mockReturnValue(),
    ];
    copyRequestHooks(from, to);
    expect(heard.map(({ mock }) => mock.calls)).toEqual([[[onRequest]], [[onResponse]]]);
  });

  it('finds a module by what stands in `imports`', async () => {
    const { container, Below } = await start();
    const found = await moduleOf(container, { forwardRef: () => Below });
    expect(found?.metatype).toBe(Below);
    expect(await moduleOf(container, class Unknown {})).toBeUndefined();
  });

  it('has the adapter in a MiddlewareConsumer', async () => {
    let seen: unknown;
    const { app, adapter } = await start((consumer) => (seen = adapterOf(consumer)));
    await app.init();
    expect(seen).toBe(adapter);
  });

  it('files the middleware of an apply() with exclusions under a token that its module keeps', async () => {
    class Logs {
      use(_request: unknown, _response: unknown, next: () => void): void {
        next();
      }
    }
    let tokens: readonly unknown[] = [];
    const { app, container } = await start((consumer) => {
      consumer.apply(Logs).exclude('other').forRoutes('here');
      tokens = tokensOfLast(consumer);
    });
    await app.init();
    expect(tokens).toHaveLength(1);
    const modules = [...container.getModules().values()];
    const kept = modules.flatMap(({ middlewares }) => middlewares.get(tokens[0] as never) ?? []);
    expect(kept.map(({ instance }) => instance as unknown)).toEqual([expect.any(Logs)]);
    expect(() => tokensOfLast({} as never)).toThrow('it lacks what a MiddlewareConsumer builds');
  });

  it('calls the hooks of modules by callInitHook, callBootstrapHook and callDestroyHook', async () => {
    const called: string[] = [];
    const prototype = NestApplicationContext.prototype as unknown as Record<string, () => unknown>;
    const spies = ['callInitHook', 'callBootstrapHook', 'callDestroyHook'].map((name) => {
      const original = prototype[name]!;
      return jest.spyOn(prototype, name).mockImplementation(function (this: object) {
        called.push(name);
        return Reflect.apply(original, this, []);
      });
    });
    const { app } = await start();
    await app.init();
    await app.close();
    for (const spy of spies) spy.mockRestore();
    expect(called).toEqual(['callInitHook', 'callBootstrapHook', 'callDestroyHook']);
  });

  it('calls hooks by the distance of modules', async () => {
    const order: string[] = [];
    class Near {
      onApplicationBootstrap = () => order.push('near');
      beforeApplicationShutdown = () => order.push('near down');
    }
    class Far {
      onApplicationBootstrap = () => order.push('far');
      beforeApplicationShutdown = () => order.push('far down');
    }
    class Below {}
    Module({ providers: [Far] })(Below);
    class App {}
    Module({ imports: [Below], providers: [Near] })(App);
    const app = await NestFactory.create(App, { logger: false });
    const module = await moduleOf(containerOf(app.get(ModuleRef)), Below);
    callHooksLast(module!);
    await app.init();
    await app.close();
    expect(order).toEqual(['near', 'far', 'far down', 'near down']);
  });
});

describe(`express ${versionOf('express')}`, () => {
  it('keeps what app.use() was given in the stack of its router', () => {
    const adapter = new ExpressAdapter();
    const instance = adapter.getInstance();
    const made = countExpressLayers(instance);
    instance.use(function everywhere() {});
    instance.use('/path', function somewhere() {});
    instance.use(function jsonParser() {});
    const count = countExpressLayers(instance);
    expect(count).toBe(made + 3);
    instance.use(function since() {});
    instance.get('/route', () => undefined);
    const plain = expressLayersOf(instance, { count, mounted: false });
    expect(plain.before).toHaveLength(made + 1);
    expect(nameOfLayer(plain.before.at(-1))).toMatch(/everywhere/);
    expect(plain.behind.map(nameOfLayer).join()).toMatch(/jsonParser.*since/);
    const mounted = expressLayersOf(instance, { count, mounted: true });
    expect(mounted.before).toHaveLength(made + 2);
    expect(nameOfLayer(mounted.before.at(-1))).toMatch(/somewhere/);
    expect(mounted.behind).toHaveLength(2);
  });
});

describe(`fastify ${versionOf('fastify')}`, () => {
  const create = async (options = {}) => {
    const adapter = new FastifyAdapter({ trustProxy: true, ...options });
    await adapter.init();
    return { adapter, instance: adapter.getInstance() as any };
  };

  it('keeps the options it was made with', async () => {
    const genReqId = () => 'id';
    const { instance } = await create({ genReqId });
    expect(fastifyOptionsOf(instance)).toMatchObject({ trustProxy: true, genReqId });
  });

  it('keeps the hooks of requests by their names', async () => {
    const { instance } = await create();
    const [hook, later] = [async () => undefined, async () => undefined];
    instance.addHook('onRequest', hook);
    instance.addHook('onSend', later);
    instance.addHook('onReady', async () => undefined);
    await instance.after();
    const hooks = fastifyRequestHooksOf(instance);
    expect(hooks).toContainEqual({ name: 'onRequest', hook });
    expect(hooks).toContainEqual({ name: 'onSend', hook: later });
    expect(hooks.map(({ name }) => name)).not.toContain('onReady');
  });

  it('has adapters whose own hooks have the same texts', async () => {
    const [one, other] = await Promise.all([create(), create()]);
    const textsOf = (each: unknown) => fastifyRequestHooksOf(each).map(({ hook }) => String(hook));
    expect(textsOf(one.instance).length).toBeGreaterThan(0);
    expect(textsOf(one.instance)).toEqual(textsOf(other.instance));
  });

  it('keeps what app.use() was given', async () => {
    const { instance } = await create();
    const [every, some] = [() => undefined, () => undefined];
    instance.use(every);
    instance.use('/path', some);
    expect(fastifyMiddlewareOf(instance)).toEqual([[every, undefined]]);
    expect(fastifyPathMiddlewareOf(instance)).toEqual([
      [every, undefined],
      ['/path', some],
    ]);
  });

  it('says by a decorator of requests that it has CORS', async () => {
    const { adapter, instance } = await create();
    expect(fastifyIsWithCors(instance)).toBe(false);
    adapter.enableCors({ hook: 'preHandler' } as never);
    await instance.after();
    expect(fastifyIsWithCors(instance)).toBe(true);
  });

  it('keeps its body parsers', async () => {
    const { instance } = await create();
    expect([...ownFastifyParsers(instance)]).toEqual([]);
    instance.addContentTypeParser('text/csv', () => undefined);
    expect([...ownFastifyParsers(instance)]).toEqual(['text/csv']);
  });

  it('is left alone once it is set up: what comes later enters no storage, which costs all promises', async () => {
    const { adapter, instance } = await create();
    const recorded = new FastifyCalls(adapter, instance);
    instance.decorate('first', 1);
    const enters = jest.spyOn(AsyncLocalStorage.prototype, 'run');
    try {
      adapter.enableCors();
      expect(enters).toHaveBeenCalledTimes(1);
      recorded.close();
      instance.decorate('second', 2);
      instance.register(async () => undefined);
      await instance.ready();
      expect(enters).toHaveBeenCalledTimes(1);
    } finally {
      enters.mockRestore();
    }
    expect(recorded.calls.map(({ method, args }) => [method, args[0]])).toEqual([
      ['decorate', 'first'],
    ]);
    await instance.close();
  });

  it('gives plugins an instance that is told apart from the whole one', async () => {
    const { adapter, instance } = await create();
    const { calls } = new FastifyCalls(adapter, instance);
    instance.addHook('onRequest', async function first() {});
    instance.register(async function plugin(child: any) {
      await Promise.resolve();
      child.addHook('onRequest', async () => undefined);
    });
    instance.register(
      Promise.resolve({
        default: Object.assign(
          (whole: any, _options: object, done: () => void) => {
            whole.addHook('onSend', async () => undefined);
            done();
          },
          { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: 'named' },
        ),
      }),
    );
    await instance.ready();
    expect(await Promise.all(calls.map(nameOfCall))).toEqual([
      'the hook onRequest (first)',
      'the plugin plugin',
      'the plugin named',
    ]);
    await instance.close();
  });
});

describe.each([
  ['@nestjs/platform-express', ExpressAdapter, 'text'],
  ['@nestjs/platform-fastify', FastifyAdapter, 'text/csv'],
] as const)('the adapter of %s', (name, Adapter, type) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it(`has no field that is taken for one of the user's, however it is set up: ${versionOf(name)}`, async () => {
    class App {}
    Module({})(App);
    class Own extends (Adapter as typeof ExpressAdapter) {
      readonly label = 'own';
    }
    const adapter = new Own();
    const app = opened.app(await NestFactory.create(App, adapter, { logger: false, cors: true }));
    app.use(() => undefined);
    app.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });
    (app as NestExpressApplication).useBodyParser(type as 'text', {} as never);
    await app.init();
    expect(ownFieldsOf(adapter)).toEqual(['label']);
    expect(adapterClassesOf(adapter)).toEqual([Own, Adapter]);
  });
});
