import type { Server } from 'node:http';
import type { AbstractHttpAdapter, HttpAdapterHost } from '@nestjs/core';
import { quote } from '../config/redact.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import { ServerError, ServerErrorCode } from '../errors/server.error.js';
import type { Pool } from '../pool/pool.js';
import type { FeatureApplications } from './feature/feature-applications.js';
import { NestAppBridge } from './nest-app-bridge.js';

/** An instance of Fastify, as far as the pool needs it. */
interface Readiable {
  ready(): Promise<unknown>;
}

/** What a Nest application gives the servers of a pool to serve. */
export class ApplicationHandlers {
  private bridge: NestAppBridge | undefined;

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly features: FeatureApplications,
  ) {}

  /** Gives the pool the application as its fallback, and each server the controllers bound to it. */
  async attach(pool: Pool): Promise<void> {
    const adapter = httpAdapterOf(this.adapterHost);
    // Fastify answers nothing before it is ready, and only its own listen() would make it so.
    if (adapter?.getType() === 'fastify') await (adapter.getInstance() as Readiable).ready();
    const bound = await this.features.open(pool, adapter);
    for (const [name, handler] of bound) pool.registry.bind(name, handler);
    if (adapter) {
      this.bridge = new NestAppBridge(adapter.getHttpServer() as Server, {
        express: adapter.getType() === 'express',
        onChange: (handler) => {
          pool.registry.setFallback(handler);
          pool.refreshHandlers();
        },
      });
      pool.registry.setFallback(this.bridge.handler);
    }
    pool.refreshHandlers();
  }

  /**
   * Without an HTTP application a server must have a handler of its own, or it would answer 500 to
   * everything.
   *
   * @throws PoolError `ERR_POOL_START` with each server that has none
   */
  refuseUnserved(pool: Pool): void {
    if (this.bridge) return;
    const unserved: ServerError[] = [];
    pool.walk((bind, server) => {
      const { registry } = pool;
      const served = server.handlerHas(server.handlerKey()) || registry.boundTo(server.name);
      if (server.disabled || served) return;
      const message =
        `server ${quote(server.name)} has nothing to serve: this application has no HTTP adapter ` +
        '(it was made by NestFactory.createApplicationContext or createMicroservice). Make it by ' +
        'NestFactory.create, or give `handlers` an entry for its `handlerKey`';
      unserved.push(
        new ServerError(ServerErrorCode.ERR_SERVER_START, message, { server: server.name, bind }),
      );
    });
    if (unserved.length === 0) return;
    throw new PoolError(PoolErrorCode.ERR_POOL_START, 'Servers have no handler', unserved);
  }

  /** The application has begun to shut down. */
  beginClose(): void {
    this.features.beginClose();
  }

  /** Leaves the application as it was found. */
  async dispose(): Promise<void> {
    this.bridge?.dispose();
    await this.features.close();
  }
}

/** The adapter of an HTTP application; a context, a microservice and a bare test module have none. */
function httpAdapterOf(host: HttpAdapterHost): AbstractHttpAdapter | undefined {
  const adapter = host.httpAdapter as AbstractHttpAdapter | null | undefined;
  const server: unknown = adapter?.getHttpServer?.();
  return adapter && typeof (server as Server | undefined)?.on === 'function' ? adapter : undefined;
}
