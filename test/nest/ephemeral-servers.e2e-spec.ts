import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Injectable, Module } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  HttpPoolModule,
  PoolErrorCode,
  PoolService,
  type HttpPoolModuleInput,
} from 'nestjs-http-pool';
import { ephemeralServers } from 'nestjs-http-pool/testing';
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
