import { createConnection } from 'node:net';
import { Controller, Get, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, Pool, PoolService, type HandlerSource } from 'nestjs-http-pool';
import { says } from '../support/handlers.js';
import { Opened, platforms } from './support/adapters.js';

const listen = '127.0.0.1:0';
const everything = (): ReturnType<HandlerSource> => ({
  default: says('set'),
  extra: says('extra'),
});
const extra = (): ReturnType<HandlerSource> => ({ extra: says('extra') });
const all = (pool: Pool): Pool => pool.filter('name', undefined, '.*');

@Controller('who')
class PublicController {
  @Get()
  who(): string {
    return 'public';
  }
}

@Controller('who')
class AdminController {
  @Get()
  who(): string {
    return 'admin';
  }
}

describe.each(platforms)('handlers that are set in an application on $name', ({ create }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const start = async (early: (pool: PoolService) => void = () => undefined) => {
    @Injectable()
    class Early implements OnModuleInit {
      constructor(readonly pool: PoolService) {}

      onModuleInit(): void {
        early(this.pool);
      }
    }
    @Module({
      imports: [
        HttpPoolModule.forRoot({
          servers: [
            { name: 'public', listen },
            { name: 'admin', listen },
          ],
          management: listen,
          metrics: false,
        }),
        HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminController] }),
      ],
      controllers: [PublicController],
      providers: [Early],
    })
    class App {}
    const app = opened.app(await create(App));
    await app.init();
    return { app, pool: app.get(PoolService) };
  };

  const answer = async (pool: Pool, name: string, path: string): Promise<string> => {
    const response = await fetch(new URL(path, pool.get(name)!.url));
    return `${response.status} ${(await response.text()).trim()}`;
  };

  /** What the servers are for, and what none but the public one may serve. */
  const look = async (pool: Pool) => ({
    public: await answer(pool, 'public', '/who'),
    admin: await answer(pool, 'admin', '/who'),
    management: await answer(pool, 'management', '/livez'),
    other: (await answer(pool, 'management', '/who')).slice(0, 3),
  });

  const asEver = { public: '200 public', admin: '200 admin', management: '200 ok', other: '404' };

  const calls: [string, string, (pool: PoolService) => void][] = [
    ['the pool', '200 set', (pool) => pool.handler(everything)],
    ['a view of all', '200 set', (pool) => all(pool).handler(everything)],
    [
      'views of each',
      '200 set',
      (pool) => {
        for (const { name } of pool) pool.filter('name', name).handler(everything);
      },
    ],
    ['a view, without a default', '200 public', (pool) => all(pool).handler(extra)],
    [
      'a view, and taken away',
      '200 public',
      (pool) => {
        all(pool).handler(everything);
        all(pool).handler(undefined);
      },
    ],
    [
      'a view of a view, and by the pool',
      '200 public',
      (pool) => {
        all(all(pool)).handler(everything);
        pool.handler(undefined);
      },
    ],
  ];

  it.each(calls)('by %s leave each server what is bound to it', async (_by, shared, set) => {
    const { pool } = await start();
    set(pool);
    expect(await look(pool)).toEqual({ ...asEver, public: shared });
    await pool.restart();
    expect(await look(pool)).toEqual({ ...asEver, public: shared });
  });

  it.each(calls)('by %s in onModuleInit do so, too', async (_by, shared, set) => {
    const { pool } = await start(set);
    expect(await look(pool)).toEqual({ ...asEver, public: shared });
  });

  it('by a view have upgrades that are listened to later', async () => {
    const { app, pool } = await start((early) => early.filter('name', 'admin').handler(extra));
    pool.filter('name', 'public').handler(extra);
    app.getHttpServer().on('upgrade', (_request: unknown, socket: { end(text: string): void }) => {
      socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n',
      );
    });
    const { port } = pool.get('public')!.address as { port: number };
    const line = await new Promise<string>((resolve, reject) => {
      const socket = createConnection(port, '127.0.0.1');
      socket.write('GET /who HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
      socket.once('error', reject).once('data', (data) => {
        resolve(String(data).split('\r\n')[0]!);
        socket.destroy();
      });
    });
    expect(line).toBe('HTTP/1.1 101 Switching Protocols');
  });

  const moves: [string, (pool: Pool, other: Pool) => Promise<unknown>][] = [
    ['merge', (pool, other) => other.merge(pool)],
    [
      'store',
      async (pool, other) => {
        for (const server of pool) await other.store(server);
      },
    ],
    [
      'loadAndDelete and store',
      async (pool, other) => {
        for (const server of pool) {
          const { host, port } = server.address as { host: string; port: number };
          await other.store(pool.loadAndDelete(`${host}:${port}`)!);
        }
      },
    ],
  ];

  it.each(moves)(
    'of another pool are not for what is bound to a server that comes by %s',
    async (_by, move) => {
      const { pool } = await start();
      const other = opened.add(new Pool({ handlers: everything }), (one) => one.stop());
      await move(pool, other);
      expect(await look(other)).toEqual({ ...asEver, public: '200 set' });
      all(other).handler(undefined);
      other.handler(extra);
      const { admin, management } = await look(other);
      expect([admin, management]).toEqual([asEver.admin, asEver.management]);
    },
  );

  it('are those of its original in a copy, which has what is bound there and no management', async () => {
    const copies: Pool[] = [];
    const { pool } = await start((early) => copies.push(early.clone()));
    pool.filter('name', 'public').handler(everything);
    copies.push(pool.clone());
    const answers: string[][] = [];
    for (const copy of copies) {
      opened.add(copy, (one) => one.stop());
      await copy.start();
      await copy.storeNew({ name: 'management', listen }, { start: true });
      const asked = ['public', 'admin'].map((name) => answer(copy, name, '/who'));
      const livez = (await answer(copy, 'management', '/livez')).slice(0, 3);
      answers.push([...(await Promise.all(asked)), livez]);
    }
    expect(answers).toEqual([
      ['200 public', '200 admin', '404'],
      ['200 set', '200 admin', '404'],
    ]);
  });
});
