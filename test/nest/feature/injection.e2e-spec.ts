import {
  Body,
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  Param,
  Post,
  Scope,
  UseGuards,
  ValidationPipe,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_GUARD, Reflector, REQUEST } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { IsInt } from 'class-validator';
import { HttpPoolModule } from 'nestjs-http-pool';
import { platforms } from '../support/adapters.js';
import { BOTH, FeatureApps, json } from '../support/feature-app.js';

describe.each(platforms)('what is injected by forFeature on $name', (platform) => {
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  it('shares providers of other modules, and exports its own', async () => {
    @Injectable()
    class Counter {
      count = 0;
    }
    @Module({ providers: [Counter], exports: [Counter] })
    class CounterModule {}
    @Controller()
    class CountingController {
      constructor(private readonly counter: Counter) {}
      @Get('count')
      next(): string {
        return String(++this.counter.count);
      }
    }
    @Injectable()
    class Own {}
    const { app, get, text } = await opened.start({
      imports: [
        HttpPoolModule.forFeature({
          server: 'admin',
          imports: [CounterModule],
          controllers: [CountingController],
          providers: [Own],
          exports: [Own],
        }),
      ],
      providers: [{ provide: 'ROOT', inject: [Own], useFactory: (own: Own) => own }],
    });
    await get('admin', '/count');
    expect(await text('admin', '/count')).toBe('2');
    expect(app.get(Counter).count).toBe(2);
    expect(app.get('ROOT')).toBeInstanceOf(Own);
  });

  it('makes request-scoped controllers, and what they need, for each request', async () => {
    let made = 0;
    @Injectable({ scope: Scope.REQUEST })
    class Visit {
      readonly number = ++made;
      constructor(@Inject(REQUEST) readonly request: { url: string }) {}
    }
    @Module({ providers: [Visit], exports: [Visit] })
    class VisitModule {}
    @Controller({ path: 'scoped', scope: Scope.REQUEST })
    class ScopedController {
      private calls = 0;
      constructor(@Inject(REQUEST) private readonly request: { url: string }) {}
      @Get(':id')
      it(): string {
        return `${this.request.url} ${++this.calls}`;
      }
    }
    @Controller('bubbled')
    class BubbledController {
      private readonly calls = { count: 0 };
      constructor(private readonly visit: Visit) {}
      @Get(':id')
      it(@Param('id') id: string): string {
        return `${id} ${this.visit.request.url} ${++this.calls.count}`;
      }
    }
    const { text } = await opened.start({
      both: [ScopedController, BubbledController],
      imports: [VisitModule],
    });
    for (const server of BOTH) {
      made = 0;
      expect(await text(server, '/scoped/1')).toBe('/scoped/1 1');
      expect(await text(server, '/scoped/2')).toBe('/scoped/2 1');
      expect(made).toBe(0);
      expect(await text(server, '/bubbled/1')).toBe('1 /bubbled/1 1');
      expect(await text(server, '/bubbled/2')).toBe('2 /bubbled/2 1');
      expect(made).toBe(2);
    }
  });

  it('validates bodies', async () => {
    class Order {
      @IsInt()
      amount!: number;
    }
    @Controller('orders')
    class OrdersController {
      @Post()
      order(@Body() order: Order): boolean {
        return order instanceof Order;
      }
    }
    const { get } = await opened.start({
      both: [OrdersController],
      prepare: (app) => app.useGlobalPipes(new ValidationPipe({ transform: true })),
    });
    for (const server of BOTH) {
      expect(await (await get(server, '/orders', json({ amount: 1 }))).text()).toBe('true');
      const refused = await get(server, '/orders', json({ amount: 'one' }));
      expect(await refused.json()).toMatchObject({
        message: ['amount must be an integer number'],
        statusCode: 400,
      });
    }
  });

  it('reaches the guards of the application and of the feature, for each request too', async () => {
    @Injectable()
    class Keys {
      readonly key = 'sesame';
    }
    @Module({ providers: [Keys], exports: [Keys] })
    class KeysModule {}
    @Injectable({ scope: Scope.TRANSIENT })
    class KeyGuard implements CanActivate {
      constructor(
        private readonly keys: Keys,
        private readonly reflector: Reflector,
      ) {}
      canActivate(context: ExecutionContext): boolean {
        const header = this.reflector.get<string>('key-header', context.getClass());
        return context.switchToHttp().getRequest().headers[header] === this.keys.key;
      }
    }
    @Injectable({ scope: Scope.REQUEST })
    class RequestGuard implements CanActivate {
      constructor(@Inject(REQUEST) private readonly request: { headers: Record<string, string> }) {}
      canActivate(): boolean {
        return this.request.headers['x-request'] !== 'no';
      }
    }
    @Controller('guarded')
    @UseGuards(KeyGuard)
    class GuardedController {
      @Get()
      it(): string {
        return 'in';
      }
    }
    Reflect.defineMetadata('key-header', 'x-key', GuardedController);
    const { get } = await opened.start({
      both: [GuardedController],
      imports: [KeysModule],
      providers: [{ provide: APP_GUARD, useClass: RequestGuard }],
    });
    for (const server of BOTH) {
      const headers = { 'x-key': 'sesame' };
      expect((await get(server, '/guarded', { headers })).status).toBe(200);
      expect((await get(server, '/guarded')).status).toBe(403);
      const no = { ...headers, 'x-request': 'no' };
      expect((await get(server, '/guarded', { headers: no })).status).toBe(403);
    }
  });
});
