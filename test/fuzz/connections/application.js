/**
 * The process that the connections go to: one Nest application on Express with a gateway of `ws`, on
 * servers of every protocol, and bare handlers beside it. It is told by its parent what to say of itself.
 */
import 'reflect-metadata';
import { Controller, Get, Module, Post, Req, Res, Body } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { HttpPoolModule, PoolService } from '../../../dist/index.js';
import { rawHandler } from './raw-handler.js';
import { configOf, servers } from './servers.js';

const faults = [];
process.on('uncaughtException', (error) => faults.push(`uncaught: ${error?.stack ?? error}`));
process.on('unhandledRejection', (error) => faults.push(`unhandled: ${error?.stack ?? error}`));
process.on('warning', ({ name, message }) => {
  if (name === 'MaxListenersExceededWarning') faults.push(`warned: ${message}`);
});
// Without its parent it has no use.
process.on('disconnect', () => process.exit());

/** Decorators as TypeScript applies them, which Node does not know. */
function decorate(target, method, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(target, method);
  for (const each of decorators) each(target, method, descriptor);
}

class Answers {
  hello() {
    return 'hello';
  }
  echo(body) {
    return { body };
  }
  throws() {
    throw new Error('a controller threw');
  }
  late(_request, response) {
    setTimeout(() => response.json({ late: true }), 5);
  }
  stream(request, response) {
    response.type('text/event-stream');
    const timer = setInterval(() => response.write('data: 1\n\n'), 5);
    request.once('close', () => clearInterval(timer));
    response.once('close', () => clearInterval(timer));
  }
  twice(_request, response) {
    response.send('once');
    response.send('twice');
  }
}
const { prototype } = Answers;
decorate(prototype, 'hello', Get());
decorate(prototype, 'echo', Post('echo'));
Body()(prototype, 'echo', 0);
decorate(prototype, 'throws', Get('throws'));
for (const method of ['late', 'stream', 'twice']) {
  decorate(prototype, method, Get(method));
  Req()(prototype, method, 0);
  Res()(prototype, method, 1);
}
Controller()(Answers);

class Gateway {
  handleConnection(client) {
    client.send('welcome');
  }
  echo(_client, data) {
    return { event: 'echo', data };
  }
  throws() {
    throw new Error('a gateway threw');
  }
}
decorate(Gateway.prototype, 'echo', SubscribeMessage('echo'));
decorate(Gateway.prototype, 'throws', SubscribeMessage('throws'));
WebSocketGateway({ path: '/gateway' })(Gateway);

async function create({ tls }) {
  class AppModule {}
  Module({
    imports: [
      HttpPoolModule.forRoot({
        servers: servers.map((server) => configOf(server, tls)),
        handlers: () => ({ raw: rawHandler }),
      }),
    ],
    controllers: [Answers],
    providers: [Gateway],
  })(AppModule);
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  app.useWebSocketAdapter(new WsAdapter(app));
  await app.init();
  return app;
}

let app;
let pool;

const answers = {
  async start(options) {
    app = await create(options);
    pool = app.get(PoolService);
    return pool.stats().servers.map(({ name, address }) => ({ name, port: address.port }));
  },
  /** What is open on each server, and what nobody has caught. */
  look: () => ({
    faults: faults.splice(0),
    open: pool
      .stats()
      .servers.map(({ name, connections, inFlight }) => ({ name, connections, inFlight })),
  }),
  /** In bytes, after everything that is garbage is gone. */
  async memory() {
    for (let round = 0; round < 3; round += 1) {
      globalThis.gc();
      await new Promise(setImmediate);
    }
    const { heapUsed, external, rss } = process.memoryUsage();
    return { held: heapUsed + external, rss };
  },
  async stop() {
    const reports = await pool.stop();
    await app.close();
    return reports.filter(({ timedOut }) => timedOut).map(({ server }) => server);
  },
};

process.on('message', async ({ id, question, value }) => {
  try {
    process.send({ id, answer: await answers[question](value) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
