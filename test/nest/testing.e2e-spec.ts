import { Controller, Get, Injectable, Module, type INestApplication } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  getServerToken,
  HttpPoolModule,
  InjectServer,
  PooledServer,
  PoolHealthIndicator,
  PoolService,
  type ServerOptions,
} from 'nestjs-http-pool';
import request from 'supertest';
import { Opened } from './support/adapters.js';

const SERVERS = 'SERVERS';

const urlOf = (app: INestApplication, name: string): string => app.get(PoolService).get(name)!.url!;

@Injectable()
class Clock {
  now(): string {
    return 'the real time';
  }
}

@Controller()
class ClockController {
  private calls = 0;

  constructor(
    private readonly clock: Clock,
    @InjectServer('public') private readonly server: PooledServer,
  ) {}

  @Get('now')
  now(): object {
    return { now: this.clock.now(), calls: ++this.calls, beside: this.server.name };
  }
}

@Controller()
class PublicController {
  @Get()
  hello(): string {
    return 'hello';
  }
}

@Module({
  providers: [
    {
      provide: SERVERS,
      useValue: [
        { name: 'public', listen: '0.0.0.0:80' },
        { name: 'admin', listen: '0.0.0.0:81' },
      ],
    },
  ],
  exports: [SERVERS],
})
class SettingsModule {}

@Module({
  imports: [
    HttpPoolModule.forRootAsync({
      imports: [SettingsModule],
      inject: [SERVERS],
      useFactory: (servers: ServerOptions[]) => ({ servers }),
    }),
    HttpPoolModule.forFeature({
      server: 'admin',
      controllers: [ClockController],
      providers: [Clock],
    }),
  ],
  controllers: [PublicController],
})
class AppModule {}

const LOOPBACK = ['public', 'admin'].map((name) => ({ name, listen: '127.0.0.1:0' }));

const adapters = [
  { name: 'express', adapter: () => new ExpressAdapter() },
  { name: 'fastify', adapter: () => new FastifyAdapter() },
];

describe.each(adapters)('a testing module on $name', ({ adapter }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const start = async (change = (builder: TestingModuleBuilder) => builder) => {
    const builder = Test.createTestingModule({ imports: [AppModule] });
    const testing = await change(builder.overrideProvider(SERVERS).useValue(LOOPBACK)).compile();
    const app = opened.app(testing.createNestApplication(adapter() as never, { logger: false }));
    await app.init();
    return app;
  };

  it('is asked by supertest, server by server, on ports of the system’s choice', async () => {
    const app = await start();
    const { url } = app.get(PoolService).get('admin')!;
    const now = { now: 'the real time', calls: 1, beside: 'public' };
    await request(url!).get('/now').expect(200, now);
    await request(urlOf(app, 'public')).get('/').expect(200, 'hello');
    await request(urlOf(app, 'public')).get('/now').expect(404);
  });

  it('has the application’s own server beside them', async () => {
    const app = await start();
    await request(app.getHttpServer()).get('/').expect(200, 'hello');
    await request(app.getHttpServer()).get('/now').expect(404);
  });

  it('overrides what the controllers of a server are given', async () => {
    const app = await start((builder) =>
      builder.overrideProvider(Clock).useValue({ now: () => 'noon' }),
    );
    const { body } = await request(urlOf(app, 'admin')).get('/now');
    expect(body.now).toBe('noon');
  });

  it('overrides a server for those who inject it, and no other', async () => {
    const app = await start((builder) =>
      builder.overrideProvider(getServerToken('public')).useValue({ name: 'a double' }),
    );
    const { body } = await request(urlOf(app, 'admin')).get('/now');
    expect(body.beside).toBe('a double');
    await request(urlOf(app, 'public')).get('/').expect(200);
  });

  it('overrides a controller of a server by one that extends it', async () => {
    class Early extends ClockController {
      @Get('now')
      override now(): object {
        return { now: 'early' };
      }
    }
    const byClass = await start((builder) =>
      builder.overrideProvider(ClockController).useClass(Early),
    );
    await request(urlOf(byClass, 'admin')).get('/now').expect(200, { now: 'early' });
    const byValue = await start((builder) =>
      builder.overrideProvider(ClockController).useValue(new Early({} as never, {} as never)),
    );
    await request(urlOf(byValue, 'admin')).get('/now').expect(200, { now: 'early' });
  });

  it('has several applications at once, which do not see each other', async () => {
    const [one, two] = [await start(), await start()];
    const pools = [one, two].map((app) => app.get(PoolService));
    expect(pools[0]).not.toBe(pools[1]);
    const binds = pools.flatMap((pool) => [...pool].map(({ url }) => url));
    expect(new Set(binds).size).toBe(4);
    expect(one.get(getServerToken('public'))).not.toBe(two.get(getServerToken('public')));

    await request(urlOf(one, 'admin')).get('/now');
    await request(urlOf(one, 'admin')).get('/now');
    expect((await request(urlOf(two, 'admin')).get('/now')).body.calls).toBe(1);

    const events: string[] = [];
    pools[1]!.events$.subscribe(({ server }) => events.push(server));
    await pools[0]!.storeNew({ name: 'third', listen: '127.0.0.1:0' }, { start: true });
    pools[0]!.handler(() => ({ default: (_request, response) => void response.end('other') }));
    await pools[0]!.get('public')!.setConfig({ name: 'renamed', listen: '127.0.0.1:0' });
    expect([pools[1]!.size, pools[1]!.get('third'), events]).toEqual([2, undefined, []]);
    await request(urlOf(one, 'renamed')).get('/').expect(200, 'other');
    await request(urlOf(two, 'public')).get('/').expect(200, 'hello');

    await one.close();
    expect(pools.map((pool) => pool.isRunning())).toEqual([false, true]);
    const health = await two.get(PoolHealthIndicator).checkPool('pool');
    expect(health).toMatchObject({ pool: { status: 'up' } });
    await request(urlOf(two, 'admin')).get('/now').expect(200);
  });

  it('may be had one after the other, with what was injected in one and not in the next', async () => {
    await (await start()).close();
    const testing = await Test.createTestingModule({
      imports: [HttpPoolModule.forRoot([{ name: 'alone', listen: '127.0.0.1:0' }])],
      controllers: [PublicController],
    }).compile();
    const app = opened.app(testing.createNestApplication(adapter() as never, { logger: false }));
    await app.init();
    await request(urlOf(app, 'alone')).get('/').expect(200, 'hello');
  });
});
