import type { AddressInfo, Server } from 'node:net';
import {
  Controller,
  Get,
  Global,
  Injectable,
  Module,
  forwardRef,
  type DynamicModule,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, RouterModule } from '@nestjs/core';
import { ClientProxyFactory, MessagePattern, EventPattern, Transport } from '@nestjs/microservices';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { afterEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom } from 'rxjs';
import { HttpPoolModule, PoolErrorCode } from 'nestjs-http-pool';
import { platforms } from '../support/adapters.js';
import { FeatureApps, MainController } from '../support/feature-app.js';
import { Logs } from '../support/logs.js';

describe.each(platforms)('whole modules bound to a server on $name', (platform) => {
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  function usersModule(path = 'users') {
    let made = 0;
    @Injectable()
    class Users {
      readonly number = ++made;
    }
    @Controller(path)
    class UsersController {
      constructor(private readonly users: Users) {}
      @Get()
      all(): string {
        return `users ${this.users.number}`;
      }
    }
    @Module({ controllers: [UsersController], providers: [Users], exports: [Users] })
    class UsersModule {}
    return { UsersModule, UsersController, Users };
  }

  it('serves their controllers by the named server and by no other', async () => {
    const { UsersModule, Users } = usersModule();
    const { app, get, text } = await opened.start({
      imports: [HttpPoolModule.forFeature({ server: 'admin', modules: [UsersModule] })],
    });
    expect(await text('admin', '/users')).toBe('users 1');
    for (const server of ['public', 'ops']) expect((await get(server, '/users')).status).toBe(404);
    expect(app.get(Users).number).toBe(1);
  });

  it('keeps them off the application wherever else the module is imported', async () => {
    const { UsersModule } = usersModule();
    const { get, text } = await opened.start({
      imports: [
        UsersModule,
        HttpPoolModule.forFeature({ server: 'admin', modules: [UsersModule] }),
      ],
    });
    expect((await get('public', '/users')).status).toBe(404);
    expect(await text('admin', '/users')).toBe('users 1');
  });

  it('takes dynamic modules, promised and forward ones, and several servers', async () => {
    @Controller('dynamic')
    class DynamicController {
      @Get()
      it(): string {
        return 'dynamic';
      }
    }
    class Dynamic {}
    Module({})(Dynamic);
    const dynamic: DynamicModule = { module: Dynamic, controllers: [DynamicController] };
    const { UsersModule } = usersModule();
    const { get, text } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({
          server: ['admin', 'ops'],
          modules: [Promise.resolve(dynamic), { forwardRef: () => UsersModule }],
        }),
      ],
    });
    for (const server of ['admin', 'ops']) {
      expect(await text(server, '/dynamic')).toBe('dynamic');
      expect(await text(server, '/users')).toBe('users 1');
    }
    for (const path of ['/dynamic', '/users']) expect((await get('public', path)).status).toBe(404);
  });

  it('takes a module of each server apart from another', async () => {
    const [one, other] = [usersModule(), usersModule()];
    const { text } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({ server: 'admin', modules: [one.UsersModule] }),
        HttpPoolModule.forFeature({ server: 'ops', modules: [other.UsersModule] }),
      ],
    });
    expect([await text('admin', '/users'), await text('ops', '/users')]).toEqual([
      'users 1',
      'users 1',
    ]);
  });

  it('leaves the controllers of what they import to the application', async () => {
    const { UsersModule } = usersModule();
    @Module({ imports: [UsersModule] })
    class OuterModule {}
    const { get, text } = await opened.start({
      imports: [HttpPoolModule.forFeature({ server: 'admin', modules: [OuterModule], setup() {} })],
    });
    expect(await text('public', '/users')).toBe('users 1');
    expect((await get('admin', '/users')).status).toBe(404);
  });

  it('takes a global module, and the paths of RouterModule', async () => {
    const { UsersModule } = usersModule();
    Global()(UsersModule);
    const { get, text } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({ server: 'admin', modules: [UsersModule] }),
        RouterModule.register([{ path: 'v', module: UsersModule }]),
      ],
    });
    expect(await text('admin', '/v/users')).toBe('users 1');
    expect((await get('public', '/v/users')).status).toBe(404);
  });

  it('shows them to DiscoveryService, and not to the document of the application', async () => {
    const { UsersModule, UsersController } = usersModule();
    @Controller('bound')
    class BoundController {
      @Get()
      it(): string {
        return 'bound';
      }
    }
    const { app } = await opened.start({
      imports: [
        DiscoveryModule,
        HttpPoolModule.forFeature({
          server: 'admin',
          modules: [UsersModule],
          controllers: [BoundController],
        }),
      ],
      prepare: (one) => {
        const { paths } = SwaggerModule.createDocument(one, new DocumentBuilder().build(), {
          deepScanRoutes: true,
        });
        expect(Object.keys(paths).sort()).toEqual(['/main', '/status']);
      },
    });
    const discovery = app.get(DiscoveryService);
    const classes = discovery.getControllers().map(({ metatype }) => metatype);
    expect(classes).toEqual(
      expect.arrayContaining([UsersController, BoundController, MainController]),
    );
    expect(new Set(classes).size).toBe(classes.length);
    const providers = discovery.getProviders().map(({ metatype }) => metatype);
    expect(providers).not.toContain(BoundController);
    const { paths } = SwaggerModule.createDocument(app, new DocumentBuilder().build());
    expect(Object.keys(paths).sort()).toEqual(['/main', '/status']);
  });

  it('has their message and event patterns in a hybrid application', async () => {
    const events: unknown[] = [];
    let told = (): void => undefined;
    const heard = new Promise<void>((resolve) => (told = resolve));
    @Controller('sums')
    class SumsController {
      @Get()
      it(): string {
        return 'sums';
      }
      @MessagePattern('sum')
      sum(numbers: number[]): number {
        return numbers.reduce((total, one) => total + one, 0);
      }
      @EventPattern('summed')
      summed(data: unknown): void {
        events.push(data);
        told();
      }
    }
    const { app, get, text } = await opened.start({
      imports: [HttpPoolModule.forFeature({ server: 'admin', controllers: [SumsController] })],
    });
    const options = { transport: Transport.TCP as const, options: { host: '127.0.0.1', port: 0 } };
    const microservice = app.connectMicroservice(options);
    await app.startAllMicroservices();
    const server = microservice.unwrap<Server>();
    const client = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    });
    expect(await firstValueFrom(client.send('sum', [1, 2, 3]))).toBe(6);
    client.emit('summed', 'all').subscribe();
    await heard;
    expect(events).toEqual(['all']);
    await client.close();
    expect(await text('admin', '/sums')).toBe('sums');
    expect((await get('public', '/sums')).status).toBe(404);
  });

  it('calls every hook of theirs once', async () => {
    const calls: string[] = [];
    @Controller('hooked')
    class HookedController {
      onModuleInit = () => calls.push('init');
      onApplicationBootstrap = () => calls.push('bootstrap');
      onModuleDestroy = () => calls.push('destroy');
      beforeApplicationShutdown = () => calls.push('before');
      onApplicationShutdown = () => calls.push('shutdown');
    }
    @Module({ controllers: [HookedController] })
    class HookedModule {}
    const { app } = await opened.start({
      imports: [HttpPoolModule.forFeature({ server: ['admin', 'ops'], modules: [HookedModule] })],
    });
    await app.close();
    expect(calls).toEqual(['init', 'bootstrap', 'destroy', 'before', 'shutdown']);
  });

  it('makes one instance for the same call in two modules', async () => {
    let made = 0;
    @Controller('once')
    class OnceController {
      constructor() {
        made += 1;
      }
      @Get()
      it(): string {
        return 'once';
      }
    }
    const call = () =>
      HttpPoolModule.forFeature({
        server: 'admin',
        controllers: [OnceController],
        providers: [{ provide: 'X', useValue: 1 }],
      });
    class One {}
    Module({ imports: [call()] })(One);
    class Two {}
    Module({ imports: [call()] })(Two);
    const { text } = await opened.start({ imports: [One, Two] });
    expect(await text('admin', '/once')).toBe('once');
    expect(made).toBe(1);
  });

  it('declares the routes of a controller once that two calls bind', async () => {
    @Controller('twice')
    class TwiceController {
      @Get()
      it(): string {
        return 'twice';
      }
    }
    const bind = (token: string) =>
      HttpPoolModule.forFeature({
        server: 'admin',
        controllers: [TwiceController],
        providers: [{ provide: token, useValue: token }],
      });
    const { text } = await opened.start({ imports: [bind('A'), bind('B')] });
    expect(await text('admin', '/twice')).toBe('twice');
  });

  it('calls configure() of every module once, whatever number of servers there are', async () => {
    let configured = 0;
    const ran: string[] = [];
    @Controller('users')
    class UsersController {
      @Get()
      all(): string {
        return 'users';
      }
    }
    @Module({ controllers: [UsersController] })
    class UsersModule implements NestModule {
      configure(consumer: MiddlewareConsumer): void {
        configured += 1;
        const log = (label: string) => (_: unknown, __: unknown, next: () => void) => {
          ran.push(label);
          next();
        };
        consumer
          .apply(log('own'))
          .exclude('users/none')
          .forRoutes(UsersController)
          .apply(log('all'))
          .forRoutes('*path');
      }
    }
    const { text } = await opened.start({
      imports: [HttpPoolModule.forFeature({ server: ['admin', 'ops'], modules: [UsersModule] })],
    });
    for (const server of ['admin', 'ops']) {
      expect(await text(server, '/users')).toBe('users');
      expect(ran.splice(0).sort()).toEqual(['all', 'own']);
    }
    await text('public', '/users');
    expect(ran.splice(0)).toEqual(['all']);
    expect(configured).toBe(1);
  });

  it('warns of controllers that imports bring to the application, and of no others', async () => {
    const { UsersModule } = usersModule();
    const { UsersModule: Meant } = usersModule('meant');
    const { UsersModule: Bound } = usersModule('bound');
    @Module({ imports: [UsersModule] })
    class Outer {}
    const logs = new Logs();
    await opened.start({
      imports: [
        Meant,
        HttpPoolModule.forFeature({
          server: 'admin',
          imports: [Outer, Meant],
          modules: [Bound],
        }),
      ],
      options: { logger: logs },
    });
    const warnings = logs.lines('HttpPool', 'warn').filter((line) => line.includes('imports'));
    expect(warnings).toEqual([expect.stringMatching(/^UsersController: by `imports`.*'admin'/)]);
  });

  it('warns of them also where their module is global, in whatever form it is imported', async () => {
    const globalModule = (name: string) => {
      const { UsersModule } = usersModule(name);
      Global()(UsersModule);
      return UsersModule;
    };
    const [direct, inner, late, ahead, dynamic, meant] = [
      globalModule('direct'),
      globalModule('inner'),
      globalModule('late'),
      globalModule('ahead'),
      usersModule('dynamic').UsersModule,
      globalModule('meant'),
    ];
    @Module({ imports: [inner] })
    class Outer {}
    class Made {}
    Module({})(Made);
    const logs = new Logs();
    await opened.start({
      imports: [
        meant,
        HttpPoolModule.forFeature({
          server: 'admin',
          imports: [
            direct,
            Outer,
            Promise.resolve({ module: late }),
            forwardRef(() => ahead),
            { module: Made, imports: [dynamic], global: true },
            meant,
          ],
          controllers: [MainController],
        }),
      ],
      options: { logger: logs },
    });
    const [warning, ...others] = logs
      .lines('HttpPool', 'warn')
      .filter((line) => line.includes('`imports`'));
    expect(others).toEqual([]);
    expect(warning?.match(/UsersController/g)).toHaveLength(5);
  });

  it('refuses lists that are none', () => {
    const forFeature = (options: object) => () =>
      HttpPoolModule.forFeature({ server: 'admin', ...options } as never);
    expect(forFeature({ modules: [] })).toThrow(
      expect.objectContaining({ code: PoolErrorCode.ERR_POOL_PARAM_EMPTY }),
    );
    for (const options of [{ modules: class {} }, { controllers: [class {}], inherit: 'yes' }]) {
      expect(forFeature(options)).toThrow(
        expect.objectContaining({ code: PoolErrorCode.ERR_POOL_VALIDATE }),
      );
    }
  });
});
