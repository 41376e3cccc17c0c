import { once } from 'node:events';
import type { Server } from 'node:http';
import { Module } from '@nestjs/common';
import { HttpPoolModule, PoolService } from 'nestjs-http-pool';
import { expect, jest } from '@jest/globals';
import { filter, firstValueFrom } from 'rxjs';
import { urlOf } from '../nest/support/adapters.js';
import { LOOPBACK } from '../support/handlers.js';
import { ask, text } from '../support/http-client.js';
import { featureDrivers } from './feature-drivers.js';
import { pageDrivers } from './page-drivers.js';
import { http2Drivers } from './http2.drivers.js';
import { reloadDrivers } from './reload.drivers.js';
import { tlsDrivers } from './tls.drivers.js';
import type { Stage } from './support/stage.js';

const poolOf = (app: { get(token: unknown): unknown }): PoolService =>
  app.get(PoolService) as PoolService;
const statusOf = async (url: string): Promise<number> => (await ask(url)).status;

/** What a block says it does, asked of it over real connections; by the block's file. */
export const drivers: Record<string, (stage: Stage) => Promise<void>> = {
  ...pageDrivers,
  ...http2Drivers,
  ...tlsDrivers,
  ...featureDrivers,

  'readme/main.ts': async (stage) => {
    await stage.load();
    expect(await text(urlOf(stage.app, 'public'))).toBe('hello');
    expect(await text(urlOf(stage.app, 'admin', '/admin'))).toBe('admin');
    expect(await statusOf(urlOf(stage.app, 'public', '/admin'))).toBe(404);
    expect(await statusOf(urlOf(stage.app, 'management', '/readyz'))).toBe(200);
  },

  'before/main.ts': async (stage) => {
    const { Servers } = await stage.load();
    const servers = stage.app.get(Servers).list as Server[];
    const bodies = servers.map(async (server, index) => {
      if (!server.listening) await once(server, 'listening');
      const { port } = server.address() as { port: number };
      return text(`${index === 0 ? 'http' : 'https'}://127.0.0.1:${port}`);
    });
    expect(await Promise.all(bodies)).toEqual(['hello', 'hello']);
  },

  'after/main.ts': async (stage) => {
    await stage.load();
    expect(await text(urlOf(stage.app, 'http'))).toBe('hello');
    expect(urlOf(stage.app, 'https')).toMatch(/^https:/);
    expect(await text(urlOf(stage.app, 'https'))).toBe('hello');
  },

  'minimal/main.ts': async (stage) => {
    const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
    await stage.load();
    expect(log).toHaveBeenCalledWith(`listening on ${poolOf(stage.app).get('web')?.url}`);
    log.mockRestore();
    expect(await text(urlOf(stage.app, 'web'))).toBe('hello');
  },

  'config/app.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      expect(await text(urlOf(app, 'one'))).toBe('hello');
      expect(await text(urlOf(app, 'two'))).toBe('hello');
    });
  },

  'feature/app.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      expect(JSON.parse(await text(urlOf(app, 'admin', '/uptime'))).ms).toBeGreaterThan(0);
      expect(await statusOf(urlOf(app, 'public', '/uptime'))).toBe(404);
      expect(await text(urlOf(app, 'public'))).toBe('hello');
      expect(await statusOf(urlOf(app, 'admin'))).toBe(404);
    });
  },

  'health/app.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      const url = urlOf(app, 'admin', '/health');
      const { status, body } = await ask(url);
      expect(status).toBe(200);
      expect(Object.keys(JSON.parse(body).details)).toEqual(['public', 'admin']);
      await poolOf(app).get('public')?.stop();
      expect(await statusOf(url)).toBe(503);
    });
  },

  'operations/maintenance.service.ts': async (stage) => {
    const { MaintenanceService } = await stage.load();
    class AppModule {}
    Module({
      imports: [HttpPoolModule.forRoot([{ name: 'api-1', listen: LOOPBACK }])],
      providers: [MaintenanceService],
    })(AppModule);
    await stage.onEachPlatform({ AppModule }, async (app) => {
      const service = app.get(MaintenanceService);
      expect(await service.close('api-1')).toMatchObject({ http1: 0, idle: 0 });
      expect(poolOf(app).get('api-1')?.state).toBe('stopped');
      await service.reopen('api-1');
      const url: string = await service.open('api-2', LOOPBACK);
      expect(await statusOf(url)).toBe(404);
      expect(service.urls()).toEqual([poolOf(app).get('api-1')?.expose, url]);
      expect(await service.remove(new URL(url).host)).toBe(true);
      expect(poolOf(app).size).toBe(1);
    });
  },

  'operations/plain.ts': async (stage) => {
    const { pool } = await stage.load();
    stage.opened.addPool(pool);
    expect(await text(pool.get('one').url)).toBe('hello');
    expect(await text(pool.get('two').url)).toBe('hello');
  },

  'changes/changes.ts': async (stage) => {
    const { relax, move, replace, reload } = await stage.load();
    const pool = await stage.webPool();
    const { url } = pool.get('web')!;
    await relax(pool);
    expect(pool.get('web')).toMatchObject({ url, config: { maxConnections: 10_000 } });
    const { listen, free } = await stage.opened.takenPort();
    await free();
    await move(pool, listen);
    expect(await text(`http://${listen}`)).toBe('hello');
    await replace(pool);
    expect(pool.get('web-2')?.url).toBe(`http://${listen}`);
    await reload(pool);
    expect(await text(pool.get('web-2')?.url)).toBe('hello');
    expect(pool.size).toBe(1);
  },

  'changes/apply.ts': async (stage) => {
    const { reconcile } = await stage.load();
    const pool = await stage.webPool();
    const web = { name: 'web', listen: LOOPBACK, maxHandlers: 5 };
    const plan = await reconcile(pool, [web, { name: 'api', listen: LOOPBACK }]);
    expect(plan).toMatchObject({ live: ['web'], add: ['api'], keep: [], remove: [] });
    expect(await text(pool.get('api')?.url)).toBe('hello');
    await expect(reconcile(pool, [web])).rejects.toThrow('would remove api');
    expect(pool.size).toBe(2);
  },

  'drain/app.module.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      const server = poolOf(app).get('public')!;
      const url = urlOf(app, 'public');
      const stopped = server.stop();
      expect(server.state).toBe('draining');
      const answer = await ask(url, { headers: { connection: 'keep-alive' } });
      expect(answer).toMatchObject({ body: 'hello', headers: { connection: 'close' } });
      // The delay of ten seconds ends when somebody is in a hurry.
      expect(await server.stop({ timeout: 0 })).toEqual(await stopped);
      expect(await stopped).toMatchObject({ server: 'public', timedOut: false, finished: 1 });
    });
  },

  'drain/stop.controller.ts': async (stage) => {
    const { StopController } = await stage.load();
    class AppModule {}
    Module({
      imports: [HttpPoolModule.forRoot([{ name: 'web', listen: LOOPBACK }])],
      controllers: [StopController],
    })(AppModule);
    await stage.onEachPlatform({ AppModule }, async (app) => {
      const stopped = firstValueFrom(poolOf(app).events$.pipe(filter(({ report }) => !!report)));
      const answer = await ask(urlOf(app, 'web', '/servers/web/stop'), { method: 'POST' });
      expect(answer).toMatchObject({ status: 202, headers: { connection: 'close' } });
      expect(JSON.parse(answer.body)).toEqual({ server: 'web', state: 'draining' });
      expect((await stopped).report).toMatchObject({ timedOut: false, finished: 1 });
    });
  },

  'uses/http-and-https.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      expect(await text(urlOf(app, 'http', '/a'))).toBe('GET /a');
      expect(await text(urlOf(app, 'https', '/b'))).toBe('GET /b');
    });
  },

  'uses/gateway.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      expect(await text(urlOf(app, 'users', '/users'))).toBe('["ann","bob"]');
      expect(await text(urlOf(app, 'orders'))).toBe('orders');
      expect(await text(urlOf(app, 'payments'))).toBe('payments');
      expect(await statusOf(urlOf(app, 'users', '/payments'))).toBe(404);
    });
  },

  'uses/production.ts': async (stage) => {
    const environment = process.env.NODE_ENV;
    const both: [string, string, () => Promise<any>][] = [
      ['development', 'http:', () => stage.load()],
      ['production', 'https:', () => stage.loadAgain()],
    ];
    for (const [name, protocol, load] of both) {
      process.env.NODE_ENV = name;
      const block = await load().finally(() => (process.env.NODE_ENV = environment));
      await stage.onEachPlatform(block, async (app) => {
        for (const server of poolOf(app)) {
          expect(new URL(server.url!).protocol).toBe(protocol);
          expect(server.config.tlsMandatory).toBe(name === 'production');
          expect(await text(server.url)).toBe('hello');
        }
      });
    }
  },

  'uses/local-admin.ts': async (stage) => {
    await stage.onEachPlatform(await stage.load(), async (app) => {
      expect(JSON.parse(await text(urlOf(app, 'admin', '/servers'))).running).toBe(2);
      expect(await statusOf(urlOf(app, 'public', '/servers'))).toBe(404);
      expect(await text(urlOf(app, 'public'))).toBe('hello');
    });
  },

  'errors/main.ts': async (stage) => {
    const { listen } = await stage.opened.takenPort();
    const error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    const { exitCode } = process;
    process.env.LISTEN = listen;
    await stage.load().finally(() => delete process.env.LISTEN);
    expect(error).toHaveBeenCalledWith(`in use: ${listen}`);
    error.mockRestore();
    expect(process.exitCode).toBe(1);
    process.exitCode = exitCode;
  },

  ...reloadDrivers,
};
