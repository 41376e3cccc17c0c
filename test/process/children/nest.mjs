// A Nest application with a management server; prints its addresses and the hooks of its shutdown.
import 'reflect-metadata';
import { setTimeout as wait } from 'node:timers/promises';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Gauge } from 'prom-client';
import { HttpPoolModule, PoolService } from '../../../dist/index.js';

class SlowController {
  pid() {
    return String(process.pid);
  }
  async slow() {
    console.log('asked /slow');
    await wait(1_000);
    console.log('answers /slow');
    return 'slow';
  }
}
const { prototype } = SlowController;
Get()(prototype, 'pid', Object.getOwnPropertyDescriptor(prototype, 'pid'));
Get('slow')(prototype, 'slow', Object.getOwnPropertyDescriptor(prototype, 'slow'));
Controller()(SlowController);

class AppModule {
  onModuleDestroy() {
    console.log('onModuleDestroy');
  }
}
Module({
  imports: [
    HttpPoolModule.forRoot({
      servers: [{ name: 'main', listen: '127.0.0.1:0' }],
      management: '127.0.0.1:0',
    }),
  ],
  controllers: [SlowController],
})(AppModule);

// A metric that is never told, or can't be.
const { METRIC } = process.env;
if (METRIC) {
  const collect = () => (METRIC === 'hangs' ? new Promise(() => {}) : Promise.reject(METRIC));
  new Gauge({ name: 'own', help: 'Of the application', collect });
}

const app = await NestFactory.create(AppModule, { logger: ['error', 'warn'] });
if (process.env.HOOKS) app.enableShutdownHooks();
await app.init();
const pool = app.get(PoolService);
for (const name of ['main', 'management']) console.log(name, 'listens on', pool.get(name).url);
