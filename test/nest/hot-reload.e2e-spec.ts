import { Controller, Get, Module, type OnModuleDestroy, type Provider } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, PoolService } from 'nestjs-http-pool';
import { gate, waitFor } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened, platforms, urlOf } from './support/adapters.js';

/*
 * As webpack's hot module replacement does: `module.hot.dispose(() => app.close())` is not awaited, and the
 * next application starts at once, on the same addresses.
 */
describe.each(platforms)(
  'an application that is replaced while it closes, on $name',
  ({ create }) => {
    const opened = new Opened();
    afterEach(() => opened.closeAll());

    const start = async (generation: string, listen: string, shutdown = {}) => {
      const [arrived, released] = [gate(), gate()];
      @Controller()
      class GenerationController {
        @Get()
        which(): string {
          return generation;
        }
        @Get('slow')
        async slow(): Promise<string> {
          arrived.open();
          await released.opened;
          return `slow ${generation}`;
        }
      }
      class App {}
      Module({
        imports: [HttpPoolModule.forRoot([{ name: 'web', listen, shutdown }])],
        controllers: [GenerationController],
      })(App);
      const app = opened.app(await create(App));
      await app.init();
      return { app, arrived: arrived.opened, release: released.open };
    };

    it('leaves its address to the next one, and answers what it was asked', async () => {
      let current = await start('0', '127.0.0.1:0');
      const { host } = new URL(urlOf(current.app, 'web'));
      for (const generation of ['1', '2', '3']) {
        const slow = text(urlOf(current.app, 'web', '/slow'));
        await current.arrived;
        const closing = current.app.close();
        const next = await start(generation, host);
        expect(await text(urlOf(next.app, 'web'))).toBe(generation);
        current.release();
        expect(await slow).toBe(`slow ${Number(generation) - 1}`);
        await closing;
        current = next;
      }
    });

    it('is waited for by the management server of the next one, which stops last', async () => {
      const make = async (listen: string) => {
        const [arrived, released] = [gate(), gate()];
        @Controller()
        class SlowController {
          @Get('slow')
          async slow(): Promise<string> {
            arrived.open();
            await released.opened;
            return 'slow';
          }
        }
        class App {}
        Module({
          imports: [
            HttpPoolModule.forRoot({
              servers: [{ name: 'web', listen: LOOPBACK }],
              management: listen,
            }),
            HttpPoolModule.forFeature({ server: 'web', controllers: [SlowController] }),
          ],
        })(App);
        const app = opened.app(await create(App));
        return { app, arrived: arrived.opened, release: released.open };
      };
      const first = await make(LOOPBACK);
      await first.app.init();
      const slow = text(urlOf(first.app, 'web', '/slow'));
      await first.arrived;
      const draining = waitFor(first.app.get(PoolService), ({ state }) => state === 'draining');
      const second = await make(new URL(urlOf(first.app, 'management')).host);
      const closing = first.app.close();
      await draining;
      const starting = second.app.init();
      expect((await text(urlOf(first.app, 'management', '/livez'))).trim()).toBe('ok');
      first.release();
      await starting;
      expect(await slow).toBe('slow');
      await closing;
      expect((await text(urlOf(second.app, 'management', '/readyz'))).trim()).toBe('ok');
    });

    it('is waited for while another module of it ends, before its servers stop', async () => {
      const [ending, released] = [gate(), gate()];
      class Slow implements OnModuleDestroy {
        async onModuleDestroy(): Promise<void> {
          ending.open();
          await released.opened;
        }
      }
      const make = async (listen: string, providers: Provider[]) => {
        class App {}
        Module({ imports: [HttpPoolModule.forRoot([{ name: 'web', listen }])], providers })(App);
        return opened.app(await create(App));
      };
      const first = await make(LOOPBACK, [Slow]);
      await first.init();
      const second = await make(new URL(urlOf(first, 'web')).host, []);
      const closing = first.close();
      await ending.opened;
      const starting = waitFor(second.get(PoolService), ({ state }) => state === 'starting');
      const outcome = second.init().then(() => 'started', String);
      await starting;
      // It has tried by then, and met an address in use.
      for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
      released.open();
      expect(await outcome).toBe('started');
      await closing;
    });

    it('is waited for, also while it serves on for a delay', async () => {
      const first = await start('first', '127.0.0.1:0', { delay: '300ms' });
      const { host } = new URL(urlOf(first.app, 'web'));
      const closing = first.app.close();
      const second = await start('second', host);
      expect(await text(urlOf(second.app, 'web'))).toBe('second');
      await closing;
      expect(await text(urlOf(second.app, 'web'))).toBe('second');
    });
  },
);
