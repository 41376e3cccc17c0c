/**
 * One route, by Nest on Express, on Fastify, and by a plain listener: without metrics, with them, and with
 * `express-prom-bundle` instead. Each is an application of its own in one process.
 */
import 'reflect-metadata';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import promBundle from 'express-prom-bundle';
import { Registry } from 'prom-client';
import { HttpPoolModule, PoolService } from '../../dist/index.js';
import { answerCommands } from '../harness/child.js';

class HelloController {
  hello() {
    return 'Hello world';
  }
}
Controller()(HelloController);
Get('hello')(
  HelloController.prototype,
  'hello',
  Object.getOwnPropertyDescriptor(HelloController.prototype, 'hello'),
);

const plain = (_request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': '11' });
  response.end('Hello world');
};

function application(options) {
  class App {}
  const servers = [{ name: 'public', listen: '127.0.0.1:0' }];
  Module({
    imports: [HttpPoolModule.forRoot({ servers, ...options })],
    controllers: [HelloController],
  })(App);
  return App;
}

const quiet = { logger: false, abortOnError: false };

const adapters = {
  express: () => new ExpressAdapter(),
  fastify: () => new FastifyAdapter(),
};

async function start(handler, { metrics, isBundled = false }) {
  const handlers = handler === 'plain' ? () => ({ default: plain }) : undefined;
  const App = application({ metrics, handlers });
  const adapter = (adapters[handler] ?? adapters.express)();
  const app = await NestFactory.create(App, adapter, quiet);
  if (isBundled) {
    // What is comparable: by method, status and path.
    const given = { includeMethod: true, includePath: true, promRegistry: new Registry() };
    app.use(promBundle(given));
  }
  await app.init();
  return app.get(PoolService).get('public').address.port;
}

answerCommands({
  async start({ handler, isReversed }) {
    const kinds = {
      off: { metrics: false },
      on: { metrics: { registry: new Registry() } },
      control: { metrics: false },
      ...(handler === 'express' && { bundle: { metrics: false, isBundled: true } }),
    };
    const names = Object.keys(kinds);
    const ports = {};
    for (const name of isReversed ? names.toReversed() : names) {
      ports[name] = await start(handler, kinds[name]);
    }
    return ports;
  },
  begin() {
    return process.cpuUsage();
  },
  /** @returns The CPU time since then, in microseconds. */
  end(begin) {
    const { user, system } = process.cpuUsage(begin);
    return user + system;
  },
});
