/** What the tables of README.md and docs/compare.md say of the other ways, and of this one. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Controller,
  Get,
  Module,
  type INestApplication,
  type NestApplicationOptions,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { createHttpTerminator } from 'http-terminator';
import { HttpPoolModule, PoolError, PoolService, type ServerOptions } from 'nestjs-http-pool';
import { afterEach, describe, expect, it } from '@jest/globals';
import { failure, gate, type Gate } from '../support/events.js';
import { LOOPBACK } from '../support/handlers.js';
import { text } from '../support/http-client.js';
import { Opened } from '../support/opened.js';
import { get, RawClient } from '../support/raw-client.js';

/** Of one test: begins a request that is answered when the test says so. */
let asked: Gate;
let answer: Gate;

@Controller()
class SlowController {
  @Get('slow')
  async slow(): Promise<string> {
    asked.open();
    await answer.opened;
    return 'answered';
  }

  @Get('quick')
  quick(): string {
    return 'quick';
  }
}

const opened = new Opened();
afterEach(() => opened.closeAll());

async function application(
  servers: ServerOptions[] | undefined,
  options: NestApplicationOptions = {},
): Promise<INestApplication> {
  class AppModule {}
  const imports = servers ? [HttpPoolModule.forRoot(servers)] : [];
  Module({ imports, controllers: [SlowController] })(AppModule);
  return NestFactory.create(AppModule, { logger: false, abortOnError: false, ...options });
}

interface Running {
  readonly url: string;
  /** As a shutdown does; resolves when it is done. */
  readonly stop: () => Promise<unknown>;
}

const urlOf = (server: Server): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

async function recipe(): Promise<{ app: INestApplication; server: Server }> {
  const app = await application(undefined);
  opened.onClose(() => app.close());
  await app.init();
  const server = createServer(app.getHttpAdapter().getInstance()).listen(0, '127.0.0.1');
  opened.onClose(() => server.closeAllConnections());
  await once(server, 'listening');
  return { app, server };
}

const ways: Record<string, () => Promise<Running>> = {
  async 'the pool'() {
    const app = await application([
      { name: 'web', listen: LOOPBACK, shutdown: { timeout: '300ms' } },
    ]);
    opened.onClose(() => app.close());
    await app.init();
    const server = app.get(PoolService).get('web')!;
    return { url: server.url!, stop: () => server.stop() };
  },
  async 'the recipe'() {
    const { server } = await recipe();
    return { url: urlOf(server), stop: () => new Promise((done) => server.close(done)) };
  },
  'app.listen()': () => listening({}),
  forceCloseConnections: () => listening({ forceCloseConnections: true }),
  async 'http-terminator'() {
    const { server } = await recipe();
    const terminator = createHttpTerminator({ server, gracefulTerminationTimeout: 300 });
    return { url: urlOf(server), stop: () => terminator.terminate() };
  },
};

async function listening(options: NestApplicationOptions): Promise<Running> {
  const app = await application(undefined, options);
  await app.listen(0, '127.0.0.1');
  const server = app.getHttpServer() as Server;
  opened.onClose(() => server.closeAllConnections());
  return { url: urlOf(server), stop: () => app.close() };
}

async function start(way: string): Promise<Running> {
  asked = gate();
  answer = gate();
  opened.onClose(() => answer.open());
  return ways[way]!();
}

describe('a request in flight at the stop', () => {
  it.each([
    ['the pool', true],
    ['the recipe', true],
    ['app.listen()', true],
    ['forceCloseConnections', false],
    ['http-terminator', true],
  ])('with %s is answered: %s', async (way, isAnswered) => {
    const { url, stop } = await start(way);
    const outcome = text(`${url}/slow`).catch(({ code }) => code as string);
    await asked.opened;
    const stopped = stop();
    // Where connections are cut, it is before this.
    await new Promise((resolve) => setImmediate(resolve));
    answer.open();
    expect(await outcome).toBe(isAnswered ? 'answered' : 'ECONNRESET');
    await stopped;
  });
});

describe('a second request that is pipelined behind it', () => {
  it.each([
    ['the pool', true],
    ['the recipe', true],
    ['http-terminator', false],
  ])('with %s is answered: %s', async (way, isAnswered) => {
    const { url, stop } = await start(way);
    const client = await RawClient.connect(url);
    client.send(get('/slow') + get('/quick', 'Connection: close'));
    await asked.opened;
    const stopped = stop();
    answer.open();
    await client.closed;
    await stopped;
    expect(client.received).toContain('answered');
    expect(client.received.includes('quick')).toBe(isAnswered);
  });
});

describe('a client that never finishes its request', () => {
  async function halfSent(url: string): Promise<RawClient> {
    const client = await RawClient.connect(url);
    client.send('GET / HTTP/1.1\r\nHost: localhost\r\n');
    opened.onClose(() => client.close());
    // Answered on another connection, so the server has read this one.
    await text(`${url}/quick`);
    return client;
  }

  it.each(['the pool', 'http-terminator', 'forceCloseConnections'])(
    'with %s is cut, and the stop ends',
    async (way) => {
      const { url, stop } = await start(way);
      const client = await halfSent(url);
      await stop();
      await client.closed;
    },
  );

  it('is counted by the pool', async () => {
    const { url, stop } = await start('the pool');
    await halfSent(url);
    expect(await stop()).toMatchObject({ timedOut: true, cut: { http1: 1 } });
  });

  it.each(['the recipe', 'app.listen()'])('with %s holds the stop until it leaves', async (way) => {
    const { url, stop } = await start(way);
    const client = await halfSent(url);
    let isStopped = false;
    const stopped = stop().then(() => (isStopped = true));
    // As long as it takes where a grace ends it, in this very run.
    const other = await start('the pool');
    await halfSent(other.url);
    await other.stop();
    expect(isStopped).toBe(false);
    await client.close();
    await stopped;
  });
});

describe('a port in use', () => {
  it('with the pool rejects the bootstrap, names the server, and leaves nothing bound', async () => {
    const { listen } = await opened.takenPort();
    const app = await application([
      { name: 'one', listen: LOOPBACK },
      { name: 'two', listen },
    ]);
    opened.onClose(() => app.close());
    const error = await failure<PoolError>(app.init());
    expect(error).toBeInstanceOf(PoolError);
    expect(error.message).toContain(`two (${listen})`);
    expect(app.get(PoolService).get('one')).toMatchObject({ state: 'stopped', url: undefined });
  });

  it('with the recipe is an error event after the bootstrap, for which nobody listens', async () => {
    const { port } = await opened.takenPort();
    const app = await application(undefined);
    opened.onClose(() => app.close());
    await app.init();
    const server = createServer(app.getHttpAdapter().getInstance()).listen(port, '127.0.0.1');
    expect(server.listenerCount('error')).toBe(0);
    const [error] = await once(server, 'error');
    expect(error).toMatchObject({ code: 'EADDRINUSE' });
  });

  it('with app.listen() rejects', async () => {
    const { port } = await opened.takenPort();
    const app = await application(undefined);
    opened.onClose(() => app.close());
    await expect(app.listen(port, '127.0.0.1')).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
