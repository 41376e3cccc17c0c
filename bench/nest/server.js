/**
 * One route of Nest on Express or on Fastify: on a server of the pool, on one that is made by hand as
 * in the official recipe, and by `app.listen()`.
 *
 * @see https://docs.nestjs.com/faq/multiple-servers
 */
import 'reflect-metadata';
import { createServer } from 'node:http';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { HttpPoolModule, PoolService } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';
import { cpuClock } from '../harness/cpu.js';
import { createModule, HelloController } from '../harness/controllers.js';

const adapters = {
  express: { create: () => new ExpressAdapter(), listenerOf: (instance) => instance },
  // The recipe of the documentation is for Express; this is the listener that Fastify has for it.
  fastify: {
    create: () => new FastifyAdapter(),
    listenerOf: (instance) => (request, response) => instance.routing(request, response),
  },
};

const create = (adapter, imports = []) =>
  NestFactory.create(
    createModule({ imports, controllers: [HelloController] }),
    adapters[adapter].create(),
    { logger: false, abortOnError: false },
  );

async function recipe(adapter) {
  const app = await create(adapter);
  await app.init();
  const instance = app.getHttpAdapter().getInstance();
  await instance.ready?.();
  const server = createServer(adapters[adapter].listenerOf(instance));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.address().port;
}

async function pooled(adapter) {
  const servers = [{ name: 'public', listen: '127.0.0.1:0' }];
  const app = await create(adapter, [HttpPoolModule.forRoot(servers)]);
  await app.init();
  return app.get(PoolService).get('public').address.port;
}

async function listen(adapter) {
  const app = await create(adapter);
  await app.listen(0, '127.0.0.1');
  return app.getHttpServer().address().port;
}

const kinds = { recipe, pooled, listen };

answerCommands({
  start: ({ kind, adapter }) => kinds[kind](adapter),
  ...cpuClock,
});
