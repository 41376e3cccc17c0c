import { afterEach, expect, it, jest } from '@jest/globals';
import { Logger, Module } from '@nestjs/common';
import { Gauge, Registry, register } from 'prom-client';
import { HttpPoolModule, PoolService, type HttpPoolModuleOptions } from '../../lib/index.js';
import { Opened, platforms } from '../nest/support/adapters.js';
import { allowRequire } from '../nest/support/allow-require.js';
import { LOOPBACK, says } from '../support/handlers.js';
import { ask } from '../support/http-client.js';
import { measured } from './support/measured.js';

const opened = new Opened();
afterEach(async () => {
  await opened.closeAll();
  register.clear();
  jest.restoreAllMocks();
});

const servers = [{ name: 'api', listen: LOOPBACK }];
const handlers = () => ({ default: says('hello') });

it.each([
  [{ registry: {} }, 'metrics.registry: got an object'],
  [{ meter: 1 }, 'metrics.meter: got'],
  [{ durationBuckets: [1, 1] }, 'metrics.durationBuckets: got'],
  [{ durationBuckets: [0, NaN] }, 'metrics.durationBuckets: got'],
  [{ durationBuckets: [] }, 'metrics.durationBuckets: got'],
  [{ regstry: 1 }, "metrics: unknown key 'regstry', did you mean 'registry'?"],
  ['yes', 'metrics: got'],
])('refuses the option metrics: %j', async (metrics, message) => {
  await expect(measured(opened, { servers, metrics } as never)).rejects.toMatchObject({
    code: 'ERR_POOL_VALIDATE',
    message: expect.stringContaining(message),
  });
});

const foreign = (registry: Registry): Gauge =>
  new Gauge({ name: 'http_pool_server_up', help: 'of somebody else', registers: [registry] });

it('refuses a registry that has a metric of the same name, when metrics were asked for', async () => {
  const registry = new Registry();
  const gauge = foreign(registry);
  await expect(measured(opened, { servers, handlers }, registry)).rejects.toMatchObject({
    code: 'ERR_POOL_VALIDATE',
    message: expect.stringContaining("a metric 'http_pool_server_up' of somebody else"),
  });
  expect(registry.getMetricsAsArray()).toEqual([gauge]);
});

it('starts without metrics, and says why, when they were not asked for', async () => {
  foreign(register);
  const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  const options: HttpPoolModuleOptions = {
    servers,
    handlers,
    management: LOOPBACK,
    metrics: undefined,
  };
  const { url } = await measured(opened, options);
  expect((await ask(url('management', '/metrics'))).status).toBe(404);
  expect(warn.mock.calls.flat().join()).toContain(
    "a metric 'http_pool_server_up' of somebody else",
  );
});

it('leaves no series of an application whose start fails', async () => {
  const registry = new Registry();
  const taken = { name: 'api', listen: '203.0.113.1:1' };
  await expect(measured(opened, { servers: [taken], handlers }, registry)).rejects.toMatchObject({
    code: 'ERR_POOL_START',
  });
  expect(registry.getMetricsAsArray()).toEqual([]);
});

it.each(platforms)(
  'shares the registry of @willsoto/nestjs-prometheus on $name',
  async ({ create }) => {
    await allowRequire('@nestjs/common', '@willsoto/nestjs-prometheus');
    const { PrometheusModule } = await import('@willsoto/nestjs-prometheus');
    class App {}
    Module({
      imports: [
        HttpPoolModule.forRoot({ servers, management: LOOPBACK }),
        HttpPoolModule.forFeature({ server: 'api', modules: [PrometheusModule.register()] }),
      ],
    })(App);
    const app = opened.app(await create(App));
    await app.init();
    const pool = app.get(PoolService);
    for (const path of [
      `${pool.get('api')!.url}/metrics`,
      `${pool.get('management')!.url}/metrics`,
    ]) {
      const { status, body } = await ask(path);
      expect(status).toBe(200);
      expect(body).toContain('http_pool_server_up{server="api"} 1');
      expect(body).toContain('process_cpu_user_seconds_total');
    }
  },
);
