import { Controller, Get, type INestApplication } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule } from 'nestjs-http-pool';
import { platforms } from '../support/adapters.js';
import { FeatureApps } from '../support/feature-app.js';
import { AdminController, auth } from '../support/guarded-admin.js';
import { Logs } from '../support/logs.js';

const feature = (inherit: boolean) =>
  HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminController], inherit });

type Next = (error?: Error) => void;

describe('what a server has of Express', () => {
  const [platform] = platforms;
  const opened = new FeatureApps(platform!);
  afterEach(() => opened.closeAll());

  const ways: [way: string, prepare: (app: INestApplication) => unknown][] = [
    ['all() of the application', (app) => app.getHttpAdapter().all('/admin/*rest', auth as never)],
    ['all() of Express', (app) => app.getHttpAdapter().getInstance().all('/admin/*rest', auth)],
    ['route()', (app) => app.getHttpAdapter().getInstance().route('/admin/*rest').all(auth)],
    [
      'a regex',
      (app) =>
        app
          .getHttpAdapter()
          .getInstance()
          .all(/^\/admin/, auth),
    ],
  ];

  it.each(ways)('is what guards a path for all methods by %s', async (_way, guarded) => {
    const prepare = (app: INestApplication) => void guarded(app);
    const { get, text } = await opened.start({ imports: [feature(true)], prepare });
    expect((await get('admin', '/admin/users')).status).toBe(401);
    expect(await text('admin', '/open')).toBe('open');
    const logs = new Logs();
    await opened.start({ imports: [feature(false)], prepare, options: { logger: logs } });
    expect(logs.lines('HttpPool', 'warn')).toEqual([
      expect.stringMatching(/'admin' does not have .*middleware on .*admin.* \(auth\)/),
    ]);
  });

  it('is no route of a single method', async () => {
    const logs = new Logs();
    const prepare = (app: INestApplication) =>
      void app.getHttpAdapter().get('/status', (_request, response) => response.end('fine'));
    const { get, text } = await opened.start({
      imports: [feature(true)],
      prepare,
      options: { logger: logs },
    });
    expect(await text('public', '/status')).toBe('fine');
    expect((await get('admin', '/status')).status).toBe(404);
    expect(logs.lines('HttpPool', 'warn')).toEqual([]);
  });

  it('is its param(), whether it inherits or not', async () => {
    const names: string[] = [];
    @Controller('users')
    class UserController {
      @Get(':name')
      user(): string {
        return 'a user';
      }
    }
    const imports = [HttpPoolModule.forFeature({ server: 'admin', controllers: [UserController] })];
    const prepare = (app: INestApplication) =>
      app
        .getHttpAdapter()
        .getInstance()
        .param('name', (_request: unknown, _response: unknown, next: Next, name: string) => {
          names.push(name);
          next();
        });
    const { text } = await opened.start({ imports, prepare });
    expect(await text('admin', '/users/ann')).toBe('a user');
    expect(names).toEqual(['ann']);
  });
});
