/** What docs/closed.md warns of, with the packages as they come: it is theirs to do, and to see changed. */
import { Controller, Get } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule } from 'nestjs-http-pool';
import { platforms } from './support/adapters.js';
import { allowRequire } from './support/allow-require.js';
import { FeatureApps } from './support/feature-app.js';

await allowRequire('@nestjs/common', '@nestjs/throttler');
await allowRequire('@nestjs/core', '@nestjs/throttler');
const { CacheInterceptor, CacheModule } = await import('@nestjs/cache-manager');
const { ThrottlerGuard, ThrottlerModule } = await import('@nestjs/throttler');

@Controller('status')
class AdminStatus {
  @Get()
  status(): string {
    return 'of the admin server';
  }
}

describe.each(platforms)('what servers share on $name', (platform) => {
  const opened = new FeatureApps(platform);
  afterEach(() => opened.closeAll());

  it('is the cache of CacheInterceptor, by path', async () => {
    const { text } = await opened.start({
      imports: [
        CacheModule.register({ isGlobal: true }),
        HttpPoolModule.forFeature({ server: 'admin', controllers: [AdminStatus] }),
      ],
      providers: [{ provide: APP_INTERCEPTOR, useClass: CacheInterceptor }],
    });
    expect(await text('admin', '/status')).toBe('of the admin server');
    expect(await text('public', '/status')).toBe('of the admin server');
  });

  it('is the count of ThrottlerGuard, by client and handler', async () => {
    const { get } = await opened.start({
      imports: [ThrottlerModule.forRoot([{ ttl: 60_000, limit: 1 }])],
      providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }],
    });
    expect((await get('public', '/status')).status).toBe(200);
    expect((await get('ops', '/status')).status).toBe(429);
  });
});
