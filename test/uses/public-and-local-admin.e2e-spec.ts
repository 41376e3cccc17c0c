import { Controller, Get, Module } from '@nestjs/common';
import { HttpPoolModule, PoolService } from 'nestjs-http-pool';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Opened, platforms, urlOf } from '../nest/support/adapters.js';
import { ask, text } from '../support/http-client.js';
import { refusal } from '../support/raw-client.js';

@Controller()
class PublicController {
  @Get('products')
  products(): string {
    return 'products';
  }
}

@Controller()
class AdminController {
  @Get('users')
  users(): string {
    return 'users';
  }
}

/**
 * The whole of 127.0.0.0/8 is this machine, so another address of it stands for one by which others
 * reach the machine: a server on 127.0.0.1 alone refuses it.
 */
function fromElsewhere(url: string): string {
  return url.replace('127.0.0.1', '127.0.0.2');
}

describe.each(platforms)('a public API and a local admin API on $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const start = async (listen: string) => {
    @Module({
      imports: [
        HttpPoolModule.forRoot([
          { name: 'public', listen },
          { name: 'admin', listen: '127.0.0.1:0' },
        ]),
        HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminController] }),
      ],
      controllers: [PublicController],
    })
    class App {}
    const app = opened.app(await create(App));
    await app.init();
    return app;
  };

  it.each([':0', '0.0.0.0:0'])('serves the public API on all interfaces: %s', async (listen) => {
    const app = await start(listen);
    const url = urlOf(app, 'public', '/products');
    expect(await text(url)).toBe('products');
    expect(await text(fromElsewhere(url))).toBe('products');
  });

  it('serves the admin API on localhost only', async () => {
    const app = await start(':0');
    const url = urlOf(app, 'admin', '/users');
    expect(await text(url)).toBe('users');
    expect(await refusal(fromElsewhere(url))).toBe('ECONNREFUSED');
  });

  it('has no admin route on the public server, and no public one on the admin server', async () => {
    const app = await start(':0');
    expect((await ask(urlOf(app, 'public', '/users'))).status).toBe(404);
    expect((await ask(urlOf(app, 'admin', '/products'))).status).toBe(404);
  });

  it('tells the addresses of both', async () => {
    const app = await start(':0');
    const pool = app.get(PoolService);
    expect(pool.get('public')).toMatchObject({ bind: '[::]:0', tls: false });
    expect(pool.get('admin')).toMatchObject({
      bind: '127.0.0.1:0',
      address: { host: '127.0.0.1', port: expect.any(Number) },
    });
  });
});
