import {
  Controller,
  Get,
  Module,
  type INestApplication,
  type MiddlewareConsumer,
  type NestModule,
} from '@nestjs/common';
import { Transport } from '@nestjs/microservices';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, PoolService } from 'nestjs-http-pool';
import { gate } from '../support/events.js';
import { Opened, platforms, urlOf } from './support/adapters.js';

const listen = '127.0.0.1:0';
/** How often the servers' applications were set up. */
let setups = 0;

@Controller()
class MainController {
  @Get('status')
  status(): string {
    return 'main';
  }
}

@Controller()
class AdminController {
  @Get('status')
  status(): string {
    return 'admin';
  }
}

interface Asked {
  headers: Record<string, string | undefined>;
}

interface Answered {
  statusCode: number;
  end(text?: string): void;
}

@Module({
  imports: [
    HttpPoolModule.forRoot({
      servers: [
        { name: 'public', listen },
        { name: 'admin', listen },
      ],
      management: { listen },
    }),
    HttpPoolModule.forFeature({
      server: 'admin',
      controllers: [AdminController],
      setup: () => void (setups += 1),
    }),
  ],
  controllers: [MainController],
})
class AppModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    const guard = ({ headers }: Asked, response: Answered, next: () => void): void => {
      if (headers['x-key'] !== undefined) return next();
      response.statusCode = 401;
      response.end();
    };
    consumer.apply(guard).forRoutes('*path');
  }
}

const states = (app: INestApplication) => [...app.get(PoolService)].map(({ state }) => state);
const RUNNING = ['running', 'running', 'running'];
const STOPPED = ['stopped', 'stopped', 'stopped'];

/** Ways for a hybrid application to start, and what is bound when the microservice has. */
const orders = [
  {
    name: 'init()',
    bound: STOPPED,
    async start(app: INestApplication, started: () => void) {
      await app.startAllMicroservices();
      started();
      await app.init();
    },
  },
  {
    name: 'listen()',
    bound: STOPPED,
    async start(app: INestApplication, started: () => void) {
      await app.startAllMicroservices();
      started();
      await app.listen(0, '127.0.0.1');
    },
  },
  {
    name: 'listen(), which was called at once',
    bound: RUNNING,
    async start(app: INestApplication, started: () => void) {
      await Promise.all([app.startAllMicroservices(), app.listen(0, '127.0.0.1')]);
      started();
    },
  },
  {
    name: 'nothing else',
    bound: RUNNING,
    async start(app: INestApplication, started: () => void) {
      await app.init();
      await app.startAllMicroservices();
      started();
    },
  },
];

describe.each(platforms)('a microservice that defers its initialization on $name', (platform) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  it.each(orders)(
    'calls all hooks, and starts no server without its routes: then comes $name',
    async ({ start, bound }) => {
      setups = 0;
      const app = opened.app(await platform.create(AppModule));
      app.connectMicroservice(
        { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } },
        { deferInitialization: true },
      );
      let seen: string[] = [];
      await start(app, () => (seen = states(app)));
      expect(seen).toEqual(bound);
      expect(states(app)).toEqual(RUNNING);
      expect(setups).toBe(1);
      for (const [name, text] of [
        ['public', 'main'],
        ['admin', 'admin'],
      ] as const) {
        const url = urlOf(app, name, '/status');
        expect((await fetch(url)).status).toBe(401);
        expect(await (await fetch(url, { headers: { 'x-key': '1' } })).text()).toBe(text);
      }
      await app.close();
      expect(states(app)).toEqual(STOPPED);
    },
  );

  it('waits for the start of the application where their hooks come at once', async () => {
    setups = 0;
    const ready = gate();
    let waiting = 0;
    @Module({ imports: [AppModule] })
    class Connected {
      /** As with a connection that all wait for. */
      onModuleInit(): Promise<unknown> {
        waiting += 1;
        if (waiting === 2) ready.open();
        return ready.opened;
      }
    }
    const app = opened.app(await platform.create(Connected));
    app.connectMicroservice(
      { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } },
      { deferInitialization: true },
    );
    const seen = await Promise.all([
      app.listen(0, '127.0.0.1').then(() => states(app)),
      app.startAllMicroservices().then(() => states(app)),
    ]);
    expect(seen).toEqual([RUNNING, RUNNING]);
    expect(setups).toBe(1);
    await app.close();
    expect(states(app)).toEqual(STOPPED);
  });
});
