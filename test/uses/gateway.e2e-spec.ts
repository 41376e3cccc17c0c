import type { RequestListener } from 'node:http';
import { Controller, Get, Module } from '@nestjs/common';
import { HttpPoolModule, PoolService, type HandlerSource } from 'nestjs-http-pool';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Opened, platforms, urlOf } from '../nest/support/adapters.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { ask, text } from '../support/http-client.js';
import { refusal } from '../support/raw-client.js';

const SERVICES = ['users', 'orders', 'payments'];

@Controller('users')
class UsersController {
  @Get()
  list(): string[] {
    return ['ann', 'bob'];
  }
}

@Controller('orders')
class OrdersController {
  @Get()
  list(): number[] {
    return [1, 2, 3];
  }
}

@Controller('payments')
class PaymentsController {
  @Get()
  list(): string[] {
    return ['paid'];
  }
}

const json = (value: unknown): RequestListener => {
  return (_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
  };
};

describe.each(platforms)('a gateway of three services on $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  /** A listener for each service, whatever framework made it. */
  const withHandlers = async (handlers: HandlerSource) => {
    const servers = SERVICES.map((name) => ({ name, listen: LOOPBACK, handlerKey: name }));
    @Module({ imports: [HttpPoolModule.forRoot({ servers, handlers })] })
    class App {}
    const app = opened.app(await create(App));
    await app.init();
    return app;
  };

  /** Controllers of this application for each service. */
  const withControllers = async () => {
    const bound = {
      users: UsersController,
      orders: OrdersController,
      payments: PaymentsController,
    };
    @Module({
      imports: [
        HttpPoolModule.forRoot(SERVICES.map((name) => ({ name, listen: LOOPBACK }))),
        ...Object.entries(bound).map(([server, controller]) =>
          HttpPoolModule.forFeature({ server, controllers: [controller] }),
        ),
      ],
    })
    class App {}
    const app = opened.app(await create(App));
    await app.init();
    return app;
  };

  const three = (): HandlerSource => () => ({
    users: json(['ann', 'bob']),
    orders: json([1, 2, 3]),
    payments: json(['paid']),
  });

  it.each([
    ['its own handler', () => withHandlers(three())],
    ['its own controllers', withControllers],
  ])('serves each on its own port by %s', async (_by, start) => {
    const app = await start();
    expect(await text(urlOf(app, 'users', '/users'))).toBe('["ann","bob"]');
    expect(await text(urlOf(app, 'orders', '/orders'))).toBe('[1,2,3]');
    expect(await text(urlOf(app, 'payments', '/payments'))).toBe('["paid"]');
    const ports = SERVICES.map((name) => new URL(urlOf(app, name)).port);
    expect(new Set(ports).size).toBe(3);
  });

  it('answers 404 to the path of another service', async () => {
    const app = await withControllers();
    expect((await ask(urlOf(app, 'users', '/payments'))).status).toBe(404);
    expect((await ask(urlOf(app, 'payments', '/users'))).status).toBe(404);
  });

  it('serves the rest while one service is stopped', async () => {
    const app = await withHandlers(three());
    const url = urlOf(app, 'orders');
    await app.get(PoolService).get('orders')?.stop();
    expect(await refusal(url)).toBe('ECONNREFUSED');
    expect(await text(urlOf(app, 'users'))).toBe('["ann","bob"]');
    expect(await text(urlOf(app, 'payments'))).toBe('["paid"]');
  });

  it('replaces the handler of one service while all serve', async () => {
    const app = await withHandlers(three());
    const url = urlOf(app, 'orders');
    app.get(PoolService).handler(() => ({ ...three()(), orders: says('[4]') }));
    expect(await text(url)).toBe('[4]');
    expect(await text(urlOf(app, 'users'))).toBe('["ann","bob"]');
  });

  it('refuses a service without a handler before anything is bound', async () => {
    const { payments: _, ...two } = three()();
    await expect(withHandlers(() => two)).rejects.toMatchObject({
      code: 'ERR_POOL_VALIDATE',
      errors: [{ server: 'payments', code: 'ERR_SERVER_VALIDATE' }],
      message: expect.stringContaining("'payments' is no key of the handlers"),
    });
  });
});
