import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from '@jest/globals';
import {
  HttpPoolModule,
  PoolConfig,
  PoolError,
  PoolHealthIndicator,
  type HttpPoolModuleOptions,
  type PoolErrorCode,
} from '../../lib/index.js';
import { failure, thrown } from '../support/events.js';

const servers = [{ name: 'a', listen: '127.0.0.1:0' }];
const refuse = (): never => {
  throw new Error('not yours');
};
const unreadable = (key: string, rest: object = {}): never =>
  Object.defineProperty({ ...rest }, key, { enumerable: true, get: refuse }) as never;
const revoked = <T extends object>(target: T): never => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy as never;
};
const faultOf = (call: () => unknown, code: PoolErrorCode = 'ERR_POOL_VALIDATE'): string => {
  const error = thrown<PoolError>(call);
  expect(error).toBeInstanceOf(PoolError);
  expect(error.code).toBe(code);
  return error.message;
};

it.each(['servers', 'handlers', 'tls', 'isGlobal', 'autoStart', 'signal', 'management', 'metrics'])(
  'forRoot tells that %s can not be read',
  (key) => {
    expect(faultOf(() => HttpPoolModule.forRoot(unreadable(key, { servers })))).toMatch(
      /forRoot .* cannot be read: 'not yours'$/,
    );
  },
);

it.each([{}, []])('forRoot tells that a revoked proxy of %j can not be read', (target) => {
  expect(faultOf(() => HttpPoolModule.forRoot(revoked(target)))).toContain('cannot be read');
});

it.each(['servers', 'tls', 'logTable'])(
  'the bootstrap tells that %s of what a factory returned can not be read',
  async (key) => {
    const useFactory = (): HttpPoolModuleOptions => unreadable(key, { servers });
    class App {}
    Module({ imports: [HttpPoolModule.forRootAsync({ useFactory })] })(App);
    const created = NestFactory.create(App, { logger: false, abortOnError: false });
    const error = await failure<PoolError>(created);
    expect(error.code).toBe('ERR_POOL_VALIDATE');
    expect(error.message).toMatch(new RegExp(`${key}: cannot be read: 'not yours'`));
  },
);

it.each(['useFactory', 'inject', 'isGlobal'])(
  'forRootAsync tells that %s can not be read',
  (key) => {
    expect(faultOf(() => HttpPoolModule.forRootAsync(unreadable(key)))).toContain('cannot be read');
  },
);

it.each([null, undefined, 5])('forRootAsync needs options: %p', (options) => {
  const call = () => HttpPoolModule.forRootAsync(options as never);
  expect(faultOf(call, 'ERR_POOL_PARAM_EMPTY')).toMatch(
    /give useFactory, useClass or useExisting$/,
  );
});

it.each(['server', 'controllers', 'modules', 'imports', 'setup', 'inherit'])(
  'forFeature tells that %s can not be read',
  (key) => {
    const options = unreadable(key, { server: 'a', controllers: [] });
    expect(faultOf(() => HttpPoolModule.forFeature(options))).toContain('cannot be read');
  },
);

describe('a health indicator', () => {
  it('tells that its options can not be read, and takes null', async () => {
    class App {}
    Module({ imports: [HttpPoolModule.forRoot(servers)] })(App);
    const app = await NestFactory.create(App, { logger: false });
    await app.init();
    const health = app.get(PoolHealthIndicator);
    for (const options of [unreadable('timeout'), revoked({})]) {
      const calls = [
        () => health.check('k', 'a', options),
        () => health.checkPool('k', options),
        async () => health.indicators(options),
      ];
      for (const call of calls) {
        const error = await failure<PoolError>(call());
        expect([error.code, error.message]).toEqual([
          'ERR_POOL_MONITOR',
          expect.stringContaining('timeout: cannot be read'),
        ]);
      }
    }
    // It may come from a request that was not validated.
    const found = await health.check('k', Symbol('a') as never);
    expect(found).toMatchObject({ k: { status: 'down' } });
    expect(await health.check('k', 'a', null as never)).toMatchObject({ k: { status: 'up' } });
    await app.close();
  });
});

it.each<[string, () => never]>([
  ['a revoked proxy', () => revoked([])],
  ['a proxy that throws', () => new Proxy([], { get: refuse }) as never],
])('a PoolConfig of %s is empty, and says so', (_what, make) => {
  const config = new PoolConfig(make());
  expect([[...config], config.length, config.walk(refuse)]).toEqual([[], 0, config]);
  expect(config.validate()?.message).toMatch(/cannot be read|give a list/);
  expect(config.pool()).toMatchObject({ pool: { size: 0 }, error: { code: 'ERR_POOL_ADD' } });
});
