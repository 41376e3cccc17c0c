import { Controller, Get, Inject, Injectable, Module, Scope } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule } from '../../lib/http-pool.module.js';
import { getServerToken, InjectServer } from '../../lib/inject-server.decorator.js';
import { PoolService } from '../../lib/pool.service.js';
import type { PooledServer } from '../../lib/server/pooled-server.js';
import { Opened, platforms, textOf, urlOf } from './support/adapters.js';

const servers = [
  { name: 'web', listen: '127.0.0.1:0' },
  { name: 'admin', listen: '127.0.0.1:0' },
];

@Controller()
class WhereController {
  constructor(@InjectServer('admin') private readonly admin: PooledServer) {}

  @Get()
  where(): string {
    return this.admin.url ?? '';
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  @InjectServer('web') readonly web!: PooledServer;
}

@Controller('scoped')
class ScopedController {
  constructor(private readonly it: PerRequest) {}

  @Get()
  where(): string {
    return this.it.web.name;
  }
}

@Injectable()
class Lost {
  constructor(@InjectServer('lost') readonly server: PooledServer) {}
}

const FROM_FACTORY = 'FROM_FACTORY';

@Injectable()
class Later {
  constructor(@Inject(FROM_FACTORY) readonly name: string) {}
}

const roots: [string, () => ReturnType<typeof HttpPoolModule.forRoot>][] = [
  ['forRoot', () => HttpPoolModule.forRoot(servers)],
  ['forRootAsync', () => HttpPoolModule.forRootAsync({ useFactory: async () => servers })],
];

describe.each(platforms)('@InjectServer on $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  describe.each(roots)('with %s', (_form, root) => {
    it('injects the server of that name, into constructors, properties and factories', async () => {
      @Module({
        imports: [root()],
        controllers: [WhereController, ScopedController],
        providers: [
          PerRequest,
          Later,
          {
            provide: FROM_FACTORY,
            inject: [getServerToken('admin')],
            useFactory: (server: PooledServer) => server.name,
          },
        ],
      })
      class App {}
      const app = opened.app(await create(App));
      await app.init();
      expect(await textOf(urlOf(app, 'web'))).toBe(app.get(PoolService).get('admin')?.url);
      expect(await textOf(urlOf(app, 'web', '/scoped'))).toBe('web');
      expect(app.get(Later).name).toBe('admin');
    });

    it('finds each configured server by its token, asked for before or not', async () => {
      @Module({ imports: [root()] })
      class App {}
      const app = opened.app(await create(App));
      for (const { name } of servers) {
        expect(app.get(getServerToken(name))).toBe(app.get(PoolService).get(name));
      }
      expect(() => app.get(getServerToken('nobody'))).toThrow(/HttpPoolServer_nobody/);
    });

    it('refuses to inject a name that is not configured, and lists those that are', async () => {
      @Module({ imports: [root()], providers: [Lost] })
      class App {}
      await expect(create(App)).rejects.toThrow(
        "The pool has no server named 'lost': the servers are 'web', 'admin'",
      );
    });

    it('leaves what a test put in its place', async () => {
      @Module({ imports: [root()], controllers: [WhereController] })
      class App {}
      const mock = { url: 'mocked' };
      const testing = await Test.createTestingModule({ imports: [App] })
        .overrideProvider(getServerToken('admin'))
        .useValue(mock)
        .compile();
      opened.app(testing);
      expect(testing.get(getServerToken('admin'))).toBe(mock);
      expect(testing.get(WhereController).where()).toBe('mocked');
    });
  });

  it('makes plain tokens', () => {
    expect(getServerToken('admin')).toBe('HttpPoolServer_admin');
  });
});
