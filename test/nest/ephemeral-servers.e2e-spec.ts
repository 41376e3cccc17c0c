import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  HttpPoolModule,
  Pool,
  PooledServer,
  PoolErrorCode,
  PoolService,
  type HttpPoolModuleInput,
} from 'nestjs-http-pool';
import { ephemeralServers } from 'nestjs-http-pool/testing';
import { localhost } from '../support/certificates.js';
import { Opened, takenPort, closeServer, textOf, urlOf } from './support/adapters.js';

@Controller()
class HelloController {
  @Get()
  hello(): string {
    return 'hello';
  }
}

const adapters = [
  { name: 'express', adapter: () => new ExpressAdapter() },
  { name: 'fastify', adapter: () => new FastifyAdapter() },
];

describe.each(adapters)('ephemeralServers on $name', ({ adapter }) => {
  const opened = new Opened();
  afterEach(() => opened.closeAll());

  const start = async (options: HttpPoolModuleInput, pool = HttpPoolModule.forRoot(options)) => {
    const builder = Test.createTestingModule({ imports: [pool], controllers: [HelloController] });
    expect(ephemeralServers(builder)).toBe(builder);
    const testing = await builder.compile();
    const app = opened.app(testing.createNestApplication(adapter() as never, { logger: false }));
    await app.init();
    return app;
  };

  it('binds no port that the options name, in any form of them', async () => {
    const { port, server } = await takenPort();
    opened.add(server, closeServer);
    const listens = [`:${port}`, `127.0.0.1:${port + 0}`, `[::]:${port}`, `localhost:${port}`];
    for (const listen of listens) {
      const list = [{ name: 'web', listen }];
      const forms: [HttpPoolModuleInput, ReturnType<typeof HttpPoolModule.forRoot>?][] = [
        [list],
        [{ servers: list }],
        [list, HttpPoolModule.forRootAsync({ useFactory: () => ({ servers: list }) })],
        [{ servers: [{ name: 'web' } as never], defaults: { listen } }],
      ];
      for (const [options, module] of forms) {
        const app = await start(options, module);
        expect(app.get(PoolService).get('web')!.address).toMatchObject({ host: '127.0.0.1' });
        expect(await textOf(urlOf(app, 'web'))).toBe('hello');
        expect(list).toEqual([{ name: 'web', listen }]);
      }
    }
  });

  it('lets servers of one address be started beside each other, and applications too', async () => {
    const servers = [
      { name: 'web', listen: ':8080' },
      { name: 'admin', listen: ':8080' },
    ];
    const apps = [await start(servers), await start(servers)];
    const urls = apps.flatMap((app) => ['web', 'admin'].map((name) => urlOf(app, name)));
    expect(new Set(urls).size).toBe(4);
  });

  it('holds for servers that come later', async () => {
    const { port, server } = await takenPort();
    opened.add(server, closeServer);
    const app = await start([{ name: 'web', listen: ':8080' }]);
    const pool = app.get(PoolService);
    await pool.storeNew({ name: 'late', listen: `127.0.0.1:${port}` }, { start: true });
    expect(await textOf(urlOf(app, 'late'))).toBe('hello');
    await pool.apply([
      { name: 'web', listen: ':8080' },
      { name: 'later', listen: `127.0.0.1:${port}` },
    ]);
    expect(await textOf(urlOf(app, 'later'))).toBe('hello');
  });

  const ways: [string, (pool: PoolService, listen: string) => Promise<Pool | void>][] = [
    [
      'storeNew',
      async (pool, listen) => {
        await pool.storeNew({ name: 'late', listen });
      },
    ],
    [
      'storeNew of a view',
      async (pool, listen) => {
        await pool.filter('name', 'web').storeNew({ name: 'late', listen }, { start: true });
      },
    ],
    [
      'apply of a view',
      async (pool, listen) => {
        await pool.filter('name', 'late').apply([{ name: 'late', listen }]);
      },
    ],
    [
      'setConfig',
      async (pool, listen) => {
        await pool.get('web')!.setConfig({ name: 'late', listen, shutdown: { delay: '1h' } });
      },
    ],
    [
      'setConfig of a stopped one',
      async (pool, listen) => {
        await pool.get('web')!.stop();
        await pool.get('web')!.setConfig({ name: 'late', listen });
      },
    ],
    [
      'merge of a server',
      (pool, listen) => pool.get('web')!.merge(PooledServer.create({ name: 'late', listen })),
    ],
    ['store', (pool, listen) => pool.store(PooledServer.create({ name: 'late', listen }))],
    [
      'store of one that is in another pool, too',
      async (pool, listen) => {
        const other = new Pool({ servers: [PooledServer.create({ name: 'late', listen })] });
        await pool.store(other.get('late')!);
        expect(other.load(listen)).toBeUndefined();
      },
    ],
    [
      'store of one that runs',
      async (pool) => {
        const server = PooledServer.create({ name: 'late', listen: '[::1]:0' });
        await server.start();
        await pool.store(server);
      },
    ],
    [
      'merge',
      (pool, listen) =>
        pool.merge(new Pool({ servers: [PooledServer.create({ name: 'late', listen })] })),
    ],
    [
      'merge with one that runs',
      async (pool) => {
        const server = PooledServer.create({ name: 'late', listen: '[::1]:0' });
        await server.start();
        await pool.merge(new Pool({ servers: [server] }));
      },
    ],
    [
      'storeNew of a clone',
      async (pool, listen) => {
        const copy = opened.add(pool.clone(), (one) => one.stop());
        await copy.storeNew({ name: 'late', listen });
        await copy.get('late')!.setConfig({ name: 'late', listen });
        return copy;
      },
    ],
  ];

  it.each(ways)('holds for a server that comes, or changes, by %s', async (_way, come) => {
    const { port, server } = await takenPort();
    opened.add(server, closeServer);
    const app = await start([{ name: 'web', listen: ':8080' }]);
    const application = app.get(PoolService);
    const pool = (await come(application, `127.0.0.1:${port}`)) ?? application;
    await pool.start();
    const late = pool.get('late')!;
    expect([late.bind, late.config.listen]).toEqual(['127.0.0.1:0', '127.0.0.1:0']);
    expect(late.address).toMatchObject({ host: '127.0.0.1' });
    expect(pool.load(`127.0.0.1:${(late.address as { port: number }).port}`)).toBe(late);
    await late.restart();
    await late.stop();
    await late.start();
    expect(late.url).not.toContain(`:${port}/`);
    expect(await textOf(new URL('/', late.url).href)).toBe('hello');
  });

  it('holds for options that are getters of a class', async () => {
    class Web {
      get name() {
        return 'web';
      }
      get listen() {
        return ':8080';
      }
      get shutdown() {
        return { delay: '1h', timeout: '2h' } as const;
      }
    }
    class Management {
      readonly name = 'ops';
      get listen() {
        return ':8080';
      }
      get shutdown() {
        return { delay: '1h', timeout: '2h' } as const;
      }
    }
    class Options {
      get servers() {
        return [new Web()];
      }
      get management() {
        return new Management();
      }
    }
    const app = await start(new Options());
    const pool = app.get(PoolService);
    const found = [...pool].map(({ name, bind, config }) => [name, bind, config.shutdown?.delay]);
    expect(found).toEqual([
      ['web', '127.0.0.1:0', 0],
      ['ops', '127.0.0.1:0', 0],
    ]);
    await app.close();
    expect(pool.isRunning()).toBe(false);
  });

  it('keeps the rest of the config, keys and nested options too', async () => {
    const certs = [{ cert: localhost.cert, key: localhost.key }];
    const app = await start([
      {
        name: 'web',
        listen: ':8443',
        tls: { certs },
        shutdown: { delay: '1h', last: true },
        maxHandlers: 3,
      },
    ]);
    const { config, settings, url } = app.get(PoolService).get('web')!;
    expect(config.shutdown).toEqual({ delay: 0, last: true });
    expect([settings.limits.maxHandlers, settings.shutdown.last]).toEqual([3, true]);
    expect(url).toMatch(/^https:/);
    expect(inspect(config, { depth: null })).not.toContain('PRIVATE');
  });

  it('waits for no delay, of a server or of the defaults', async () => {
    const hour = { shutdown: { delay: '1h', timeout: '2h' } as const };
    const app = await start({
      servers: [
        { name: 'web', listen: ':8080', ...hour },
        { name: 'admin', listen: ':9090' },
      ],
      defaults: hour,
    });
    const pool = app.get(PoolService);
    expect([...pool].map(({ config }) => config.shutdown)).toEqual([
      { delay: 0, timeout: '2h' },
      { delay: 0, timeout: '2h' },
    ]);
    await app.close();
    expect(pool.isRunning()).toBe(false);
  });

  it('leaves unix sockets alone, and tells what is no address', async () => {
    const path = join(tmpdir(), `ephemeral-${process.pid}-${adapter().getType()}.sock`);
    const app = await start([{ name: 'web', listen: `unix:${path}` }]);
    expect(app.get(PoolService).get('web')!.address).toEqual({ path });
    await expect(start([{ name: 'web', listen: 'nowhere' }])).rejects.toMatchObject({
      code: PoolErrorCode.ERR_POOL_VALIDATE,
    });
  });

  it.each(['http://localhost:3000', 'localhost:99999', '::1', 'unix:'])(
    'tells of %s, which has a colon and is no address all the same',
    async (listen) => {
      await expect(start([{ name: 'web', listen }])).rejects.toMatchObject({
        code: PoolErrorCode.ERR_POOL_VALIDATE,
        message: expect.stringContaining('servers[0].listen'),
      });
    },
  );

  it('is for that application alone', async () => {
    await start([{ name: 'web', listen: ':8080' }]);
    @Injectable()
    class Nothing {}
    const testing = await Test.createTestingModule({
      imports: [HttpPoolModule.forRoot({ servers: [{ name: 'web', listen: ':8080' }] })],
      providers: [Nothing],
    }).compile();
    expect(testing.get(PoolService).get('web')!.bind).toBe('[::]:8080');
    @Module({})
    class Empty {}
    await ephemeralServers(Test.createTestingModule({ imports: [Empty] })).compile();
  });
});
