// Takes the signal that it is told to expect, and says what its probes answer in the first
// `onModuleDestroy`: `node signalled.mjs express|fastify|none`.
import 'reflect-metadata';
import { get } from 'node:http';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { HttpPoolModule, PoolService } from '../../../dist/index.js';

const statusOf = (url) =>
  new Promise((resolve) =>
    get(url, { agent: false }, (response) => {
      response.resume().once('close', () => resolve(response.statusCode));
    }).once('error', ({ code }) => resolve(code)),
  );

const found = {};
const look = async (moment) => {
  const [management, web] = ['management', 'web'].map((name) => pool.get(name).url);
  found[moment] = [await statusOf(`${management}/readyz`), await statusOf(web)];
};

class Looking {
  async onModuleDestroy() {
    await look('onModuleDestroy');
    process.stdout.write(JSON.stringify(found));
  }
}

class App {}
const servers = [{ name: 'web', listen: '127.0.0.1:0' }];
const handlers = () => ({ default: (_request, response) => response.end('web') });
const options = { servers, handlers, management: '127.0.0.1:0', autoStart: true };
Module({ imports: [HttpPoolModule.forRoot(options)], providers: [Looking] })(App);

const kind = process.argv[2];
const nest = { logger: ['error'], abortOnError: false };
const adapter = kind === 'express' ? new ExpressAdapter() : new FastifyAdapter();
const app =
  kind === 'none'
    ? await NestFactory.createApplicationContext(App, nest)
    : await NestFactory.create(App, adapter, nest);
app.enableShutdownHooks();
await app.init();
const pool = app.get(PoolService);
await look('running');
process.kill(process.pid, 'SIGTERM');
