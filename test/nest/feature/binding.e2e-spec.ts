import { Controller, Get } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  HttpPoolModule,
  Pool,
  PooledServer,
  PoolErrorCode,
  PoolService,
  ServerErrorCode,
} from 'nestjs-http-pool';
import { Opened, platforms, textOf, urlOf } from '../support/adapters.js';

const listen = '127.0.0.1:0';

@Controller('who')
class AdminController {
  @Get()
  who(): string {
    return 'admin';
  }
}

describe.each(platforms)('controllers bound to a server on $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const start = async () => {
    const { Module } = await import('@nestjs/common');
    class App {}
    Module({
      imports: [
        HttpPoolModule.forRoot({
          servers: [
            { name: 'web', listen },
            { name: 'admin', listen },
          ],
          handlers: () => ({ raw: (_request, response) => void response.end('raw') }),
        }),
        HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminController] }),
      ],
    })(App);
    const app = opened.app(await create(App));
    await app.init();
    return { app, pool: app.get(PoolService) };
  };

  const ask = (app: never, name: string) => textOf(urlOf(app, name, '/who'));

  it('follow it when it is renamed, by its own call, by apply and by merge', async () => {
    const { app, pool } = await start();
    await pool.get('admin')!.setConfig({ name: 'ops', listen });
    expect(await ask(app as never, 'ops')).toBe('admin');
    const bound = new URL(pool.get('ops')!.url!).host;
    await pool.get('ops')!.setConfig({ name: 'ops', listen: bound });
    await pool.apply([
      { name: 'web', listen },
      { name: 'inner', listen: bound },
    ]);
    expect(await ask(app as never, 'inner')).toBe('admin');
    await pool.get('inner')!.merge(PooledServer.create({ name: 'merged', listen: bound }));
    expect(await ask(app as never, 'merged')).toBe('admin');
  });

  it('follow it when it changes its address and restarts', async () => {
    const { app, pool } = await start();
    await pool.get('admin')!.setConfig({ name: 'ops', listen: '127.0.0.1:0', readTimeout: '9s' });
    await pool.restart();
    await pool.stop();
    await pool.start();
    expect(await ask(app as never, 'ops')).toBe('admin');
  });

  it('are not left for a handlerKey, by its own call, by apply, merge or a new server', async () => {
    const { app, pool } = await start();
    const admin = pool.get('admin')!;
    const keyed = { name: 'admin', listen, handlerKey: 'raw' };
    const fault = { path: expect.stringContaining('handlerKey') };
    await expect(admin.setConfig(keyed)).rejects.toMatchObject({
      code: ServerErrorCode.ERR_SERVER_VALIDATE,
      issues: [fault],
    });
    await expect(admin.merge(PooledServer.create(keyed))).rejects.toMatchObject({
      issues: [fault],
    });
    await expect(pool.apply([{ name: 'web', listen }, keyed])).rejects.toMatchObject({
      code: PoolErrorCode.ERR_POOL_VALIDATE,
      errors: [{ issues: [fault] }],
    });
    expect(await ask(app as never, 'admin')).toBe('admin');
    await admin.setConfig({ name: 'renamed', listen });
    await expect(admin.setConfig({ ...keyed, name: 'again' })).rejects.toMatchObject({
      issues: [fault],
    });
    await expect(pool.storeNew(keyed)).rejects.toMatchObject({ issues: [fault] });
    expect(await ask(app as never, 'renamed')).toBe('admin');
  });

  it('serve a server of that name that comes later', async () => {
    const { app, pool } = await start();
    await pool.delete(new URL(pool.get('admin')!.url!).host);
    await pool.storeNew({ name: 'admin', listen }, { start: true });
    expect(await ask(app as never, 'admin')).toBe('admin');
    await pool.get('admin')!.setConfig({ name: 'later', listen });
    expect(await ask(app as never, 'later')).toBe('admin');
  });

  it('serve a server that takes the name which theirs has given up, whatever becomes of theirs', async () => {
    const { app, pool } = await start();
    const publicAddress = new URL(pool.get('web')!.url!).host;
    const add = async (way: number): Promise<void> => {
      if (way === 0) await pool.storeNew({ name: 'admin', listen }, { start: true });
      if (way === 1) await pool.store(PooledServer.create({ name: 'admin', listen }));
      if (way === 2) await pool.filter('name', 'admin').apply([{ name: 'admin', listen }]);
      if (way === 3)
        await pool.merge(new Pool({ servers: [PooledServer.create({ name: 'admin', listen })] }));
      await pool.start();
    };
    for (const way of [0, 1, 2, 3]) {
      await pool.get('admin')!.setConfig({ name: `former ${way}`, listen });
      await add(way);
      expect(await ask(app as never, 'admin')).toBe('admin');
      expect(await ask(app as never, `former ${way}`)).toBe('admin');
      await pool.filter('name', `former ${way}`).clean();
      await pool.get('admin')!.restart();
      expect(await ask(app as never, 'admin')).toBe('admin');
    }
    expect(new URL(pool.get('web')!.url!).host).toBe(publicAddress);
    expect((await fetch(urlOf(app, 'web', '/who'))).status).toBe(404);
  });

  it('stay where they are when two servers swap their names', async () => {
    const { app, pool } = await start();
    const [web, admin] = ['web', 'admin'].map((name) => new URL(pool.get(name)!.url!).host);
    await pool.get('web')!.setConfig({ name: 'web', listen: web! });
    await pool.get('admin')!.setConfig({ name: 'admin', listen: admin! });
    const other = new Pool();
    await other.store(PooledServer.create({ name: 'admin', listen: web! }));
    await other.store(PooledServer.create({ name: 'web', listen: admin! }));
    await pool.merge(other);
    expect(await ask(app as never, 'web')).toBe('admin');
    expect((await fetch(urlOf(app, 'admin', '/who'))).status).toBe(404);
  });
});
