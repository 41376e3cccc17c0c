/**
 * The short test for Node versions other than the machine's: the whole way of a server on each protocol,
 * alone and with each adapter. See scripts/nodes.js.
 */
import { Controller, Get, Module } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HttpPoolModule, PoolService, type PooledServer } from 'nestjs-http-pool';
import { Opened, platforms } from '../nest/support/adapters.js';
import { gate } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { Opened as OpenedServers } from '../support/opened.js';
import { protocols } from '../support/protocols.js';
import { refusal } from '../support/raw-client.js';

/** A server, and what tells that a request is being handled and lets it be answered. */
interface Started {
  readonly server: PooledServer;
  readonly arrived: Promise<void>;
  readonly release: () => void;
}

describe.each(protocols)(`over $name on Node ${process.versions.node}`, (protocol) => {
  const apps = new Opened();
  const servers = new OpenedServers();
  afterEach(async () => {
    await apps.closeAll();
    await servers.closeAll();
  });

  const config = { name: 'web', listen: LOOPBACK, ...protocol.options };

  /** Serves, drains with a request under way, stops, and starts again. */
  async function goThrough({ server, arrived, release }: Started): Promise<void> {
    const client = await protocol.connect(server.url!);
    servers.onClose(() => client.close());
    expect((await client.ask('/')).body).toBe('hello');
    const slow = client.ask('/slow');
    await arrived;
    const { url } = server;
    const stopped = server.stop();
    expect(server.state).toBe('draining');
    release();
    expect(await slow).toMatchObject({ status: 200, body: 'slow' });
    const report = await stopped;
    expect(report).toMatchObject({ timedOut: false, cut: { http1: 0, http2: 0 } });
    expect([server.state, await refusal(url!)]).toEqual(['stopped', 'ECONNREFUSED']);
    await server.start();
    const next = await protocol.connect(server.url!);
    servers.onClose(() => next.close());
    expect((await next.ask('/')).body).toBe('hello');
  }

  it('a plain listener is started, served, drained and stopped', async () => {
    const [arrived, released] = [gate(), gate()];
    const server = servers.server(config, {
      handlers: () => ({
        default: async (request, response) => {
          if (request.url !== '/slow') return void response.end('hello');
          arrived.open();
          await released.opened;
          response.end('slow');
        },
      }),
    });
    await server.start();
    await goThrough({ server, arrived: arrived.opened, release: released.open });
  });

  // Express knows HTTP/1 alone.
  const adapters = platforms.filter(({ name }) => name !== 'express' || protocol.version === '1.1');

  it.each(adapters)(
    'an application on $name is started, served, drained and stopped',
    async ({ create }) => {
      const [arrived, released] = [gate(), gate()];
      @Controller()
      class HelloController {
        @Get()
        hello(): string {
          return 'hello';
        }
        @Get('slow')
        async slow(): Promise<string> {
          arrived.open();
          await released.opened;
          return 'slow';
        }
      }
      class App {}
      Module({ imports: [HttpPoolModule.forRoot([config])], controllers: [HelloController] })(App);
      const app = apps.app(await create(App));
      await app.init();
      const server = app.get(PoolService).get('web')!;
      await goThrough({ server, arrived: arrived.opened, release: released.open });
    },
  );
});
