/**
 * One route, by Nest on Express, on Fastify, and by a plain listener: without metrics, with them, and with
 * `express-prom-bundle` instead.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import promBundle from 'express-prom-bundle';
import { Registry } from 'prom-client';
import { HttpPoolModule, PoolService } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';
import { createModule, HelloController } from '../harness/controllers.js';
import { cpuClock } from '../harness/cpu.js';

const plain = (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': '11' });
  response.end('Hello world');
};

function application(options) {
  const servers = [{ name: 'public', listen: '127.0.0.1:0' }];
  return createModule({
    imports: [HttpPoolModule.forRoot({ servers, ...options })],
    controllers: [HelloController],
  });
}

const quiet = { logger: false, abortOnError: false };

const adapters = {
  express: () => new ExpressAdapter(),
  fastify: () => new FastifyAdapter(),
};

const metricsOf = {
  off: () => false,
  on: () => ({ registry: new Registry() }),
  bundle: () => false,
};

async function start({ kind, handler }) {
  const handlers = handler === 'plain' ? () => ({ default: plain }) : undefined;
  const App = application({ metrics: metricsOf[kind](), handlers });
  const adapter = (adapters[handler] ?? adapters.express)();
  const app = await NestFactory.create(App, adapter, quiet);
  if (kind === 'bundle') {
    // What is comparable: by method, status and path.
    const options = { includeMethod: true, includePath: true, promRegistry: new Registry() };
    app.use(promBundle(options));
  }
  await app.init();
  return app.get(PoolService).get('public').address.port;
}

answerCommands({ start, ...cpuClock });
