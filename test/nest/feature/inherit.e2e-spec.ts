import type { INestApplication } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import fastify from 'fastify';
import { fastifyPlugin } from '../support/fastify-plugin.js';
import { HttpPoolModule, PoolService } from 'nestjs-http-pool';
import { platforms } from '../support/adapters.js';
import { ADMIN, FeatureApps, PUBLIC } from '../support/feature-app.js';
import { AdminController, auth } from '../support/guarded-admin.js';
import { Logs } from '../support/logs.js';

const feature = (inherit?: boolean) =>
  HttpPoolModule.forFeature({
    server: 'admin',
    controllers: [AdminController],
    ...(inherit !== undefined && { inherit }),
  });

type Next = (error?: Error) => void;

describe.each(platforms)('what a server has of the application on $name', (platform) => {
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  it('is middleware on a path where it inherits', async () => {
    const prepare = (app: INestApplication) => app.use('/admin', auth);
    const { get, text } = await opened.start({ imports: [feature(true)], prepare });
    expect((await get('admin', '/admin/users')).status).toBe(401);
    expect(await text('admin', '/open')).toBe('open');
    const without = await opened.start({ imports: [feature()], prepare });
    expect(await without.text('admin', '/admin/users')).toBe('users');
  });

  it('keeps the order in which middleware was given', async () => {
    const ran: string[] = [];
    const log = (label: string) => (_request: unknown, _response: unknown, next: Next) => {
      ran.push(label);
      next();
    };
    const { get } = await opened.start({
      imports: [feature(true)],
      prepare: (app) =>
        app.use(log('first')).use('/admin', log('second')).use(log('third')) as unknown,
    });
    await get('admin', '/admin/users');
    expect(ran).toEqual(['first', 'second', 'third']);
  });

  it('is told at boot, by name, where it has less', async () => {
    const logs = new Logs();
    const prepare = (app: INestApplication) => app.use('/admin', auth);
    await opened.start({ imports: [feature()], prepare, options: { logger: logs } });
    expect(logs.lines('HttpPool', 'warn')).toEqual([
      expect.stringMatching(/'admin' does not have .*middleware on \/admin[ .].*inherit: true/),
    ]);
    const quiet = new Logs();
    await opened.start({ imports: [feature(true)], prepare, options: { logger: quiet } });
    await opened.start({ imports: [feature()], options: { logger: quiet } });
    expect(quiet.lines('HttpPool', 'warn')).toEqual([]);
  });
});

describe('what a server has of Fastify', () => {
  const [, platform] = platforms;
  const opened = new FeatureApps(platform!);
  afterEach(() => opened.closeAll());

  const prepare = (calls: string[]) => async (app: INestApplication) => {
    const fastify = app.getHttpAdapter().getInstance();
    fastify.decorateRequest('caller', null);
    fastify.addHook('onRequest', async function authenticate(request: any, reply: any) {
      calls.push('onRequest');
      request.caller = request.headers.authorization;
      if (request.caller === undefined) await reply.code(401).send('who are you?');
    });
    const plugin = fastifyPlugin('stamp', async (instance: any) => {
      await Promise.resolve();
      instance.addHook('onSend', async (_request: unknown, reply: any) => {
        calls.push('onSend');
        reply.header('x-stamp', 'yes');
      });
      instance.decorate('stamped', true);
    });
    await (app as any).register(plugin, { some: 'option' });
    (app as any).register(async function scoped(instance: any) {
      instance.addHook('onRequest', async () => calls.push('never'));
    });
  };

  it('is its hooks and plugins where it inherits', async () => {
    const calls: string[] = [];
    const { get } = await opened.start({ imports: [feature(true)], prepare: prepare(calls) });
    for (const server of ['public', 'admin']) {
      const path = server === 'public' ? '/main' : '/open';
      expect((await get(server, path)).status).toBe(401);
      calls.length = 0;
      const answer = await get(server, path, { headers: { authorization: 'me' } });
      expect([answer.status, answer.headers.get('x-stamp')]).toEqual([200, 'yes']);
      expect(calls).toEqual(['onRequest', 'onSend']);
    }
  });

  it('is told at boot, by name, where it has less', async () => {
    const logs = new Logs();
    const { get } = await opened.start({
      imports: [feature()],
      prepare: prepare([]),
      options: { logger: logs },
    });
    expect((await get('admin', '/open')).status).toBe(200);
    expect(logs.lines('HttpPool', 'warn')).toEqual([
      expect.stringMatching(
        /'admin' does not have .*the hook onRequest \(authenticate\), the plugin stamp, the plugin scoped/,
      ),
    ]);
  });

  it.each(['NestFactory', 'Test'] as const)(
    'is what was done to the adapter, or to its instance, before %s had it',
    async (way) => {
      for (const inherit of [false, true]) {
        const logs = new Logs();
        const instance = fastify();
        instance.addHook('onRequest', async function before(_request, reply) {
          reply.header('x-before', 'yes');
        });
        const adapter = new FastifyAdapter(instance as never);
        const register = adapter.register.bind(adapter) as (plugin: unknown) => unknown;
        register(
          fastifyPlugin('early', async (of: any) => {
            of.addHook('onRequest', async function refuse(_request: unknown, reply: any) {
              await reply.code(401).send('who are you?');
            });
          }),
        );
        const imports = [HttpPoolModule.forRoot([PUBLIC, ADMIN]), feature(inherit)];
        const module = { module: class Main {}, imports };
        const app = await (way === 'Test'
          ? Test.createTestingModule({ imports: [module] })
              .setLogger(logs)
              .compile()
              .then((testing) => testing.createNestApplication(adapter))
          : NestFactory.create(module, adapter, { logger: logs }));
        await app.init();
        const { url } = app.get(PoolService).get('admin') ?? {};
        const { status, headers } = await fetch(`${url}/open`);
        await app.close();
        expect([status, headers.get('x-before')]).toEqual(inherit ? [401, 'yes'] : [200, null]);
        const missing = /'admin' does not have .*the hook onRequest \(before\).*\(refuse\)/;
        expect(logs.lines('HttpPool', 'warn')).toEqual(
          inherit ? [] : [expect.stringMatching(missing)],
        );
      }
    },
  );

  it('does not fail where a module registers a plugin in configure()', async () => {
    let registered = 0;
    class App {
      configure(): void {
        this.register();
      }
      private register(): void {
        app!.register(async () => void (registered += 1));
      }
    }
    let app: any;
    const { text } = await opened.start({
      imports: [feature()],
      base: App,
      prepare: (one) => (app = one),
    });
    expect(await text('admin', '/open')).toBe('open');
    expect(registered).toBe(1);
  });
});
