import { connect, createServer, type Server } from 'node:net';
import type { INestApplication, NestApplicationOptions, Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { PoolService } from '../../../lib/pool.service.js';

export interface Platform {
  readonly name: 'express' | 'fastify';
  create(module: Type | DynamicModule, options?: NestApplicationOptions): Promise<INestApplication>;
}

const make =
  (adapter: () => ExpressAdapter | FastifyAdapter): Platform['create'] =>
  (module, options) =>
    NestFactory.create(module, adapter(), { logger: false, abortOnError: false, ...options });

/** Every e2e test runs on both. */
export const platforms: Platform[] = [
  { name: 'express', create: make(() => new ExpressAdapter()) },
  { name: 'fastify', create: make(() => new FastifyAdapter()) },
];

/** The applications of a test, for one `afterEach` to close. */
export class Opened {
  private readonly closers: (() => Promise<unknown>)[] = [];

  add<T>(it: T, close: (it: T) => Promise<unknown>): T {
    this.closers.push(() => close(it));
    return it;
  }

  app<T extends { close(): Promise<void> }>(app: T): T {
    return this.add(app, (one) => one.close());
  }

  async closeAll(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
  }
}

export function urlOf(app: { get(token: unknown): unknown }, name: string, path = '/'): string {
  const { url } = (app.get(PoolService) as PoolService).get(name) ?? {};
  if (url === undefined) throw new Error(`the server '${name}' is not bound`);
  return new URL(path, url).href;
}

export async function textOf(url: string, init?: RequestInit): Promise<string> {
  return (await fetch(url, init)).text();
}

/** A port that is taken, and by whom. */
export async function takenPort(): Promise<{ port: number; server: Server }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as { port: number }).port, server };
}

export const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()));

/** Resolves to the code of the refusal; a connection of its own, for `fetch` keeps old ones. */
export function refusal(url: string): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
