import { inspect } from 'node:util';
import { Controller, Get, Module } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, PoolHealthIndicator, PoolService } from '../../lib/index.js';
import { localhost, tls } from '../support/certificates.js';
import { Opened, platforms } from './support/adapters.js';

const opened = new Opened();
afterEach(() => opened.closeAll());

const listen = '127.0.0.1:0';
const options = {
  servers: [{ name: 'a', listen, tls }],
  management: { listen, tls },
  defaults: { tls },
  tls,
};

@Controller()
class AdminController {
  @Get()
  hello(): string {
    return 'hello';
  }
}

describe.each(platforms)('on $name', ({ create }) => {
  it.each([
    ['forRoot', () => HttpPoolModule.forRoot(options)],
    ['forRootAsync', () => HttpPoolModule.forRootAsync({ useFactory: () => options })],
  ])('no look into the pool of an application finds a key: %s', async (_, root) => {
    const feature = HttpPoolModule.forFeature({ server: 'a', controllers: [AdminController] });
    @Module({ imports: [root(), feature] })
    class AppModule {}
    const app = opened.app(await create(AppModule));
    await app.init();
    const pool = app.get(PoolService);
    const key = localhost.key.split('\n')[1]!;
    for (const value of [pool, pool.get('a'), app.get(PoolHealthIndicator, { strict: false })]) {
      for (const how of [{ depth: 8 }, { depth: 12, showHidden: true, customInspect: false }]) {
        expect(inspect(value, { ...how, maxStringLength: null })).not.toContain(key);
      }
    }
  });
});
