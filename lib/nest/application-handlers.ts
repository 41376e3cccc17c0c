import type { Server } from 'node:http';
import type { AbstractHttpAdapter, HttpAdapterHost } from '@nestjs/core';
import type { Handler } from '../handler/handler.js';
import type { Pool } from '../pool/pool.js';
import type { FeatureApplications } from './feature/feature-applications.js';
import type { PoolLogger } from '../server/log/pool-logger.js';
import type { ApplicationRoutes } from './application-routes.js';
import { NestAppBridge } from './nest-app-bridge.js';
import { OwnServerLimits } from './own-server-limits.js';

/** An instance of Fastify, as far as the pool needs it. */
interface Readiable {
  ready(): Promise<unknown>;
}

/** Why a server without a handler of its own is not started in an application without HTTP. */
const NO_APPLICATION =
  'this application has no HTTP adapter (it was made by NestFactory.createApplicationContext or ' +
  'createMicroservice, or is a TestingModule): make it by NestFactory.create, or give `handlers` an ' +
  'entry for the `handlerKey` of the server';

interface ApplicationParts {
  readonly adapterHost: HttpAdapterHost;
  readonly features: FeatureApplications | undefined;
  readonly routes: ApplicationRoutes;
  readonly logger: PoolLogger;
}

/** What a Nest application gives the servers of a pool to serve. */
export class ApplicationHandlers {
  private bridge: NestAppBridge | undefined;
  private limits: OwnServerLimits | undefined;

  constructor(private readonly parts: ApplicationParts) {}

  /** Whether there is an HTTP application at all. */
  get hasHttp(): boolean {
    return this.adapter !== undefined;
  }

  /** Whether hooks are called before the routes of the HTTP application are made: then they are not its own. */
  get awaitRoutes(): boolean {
    return this.hasHttp && !this.parts.routes.areMade;
  }

  private get adapter(): AbstractHttpAdapter | undefined {
    return httpAdapterOf(this.parts.adapterHost);
  }

  /**
   * In an application without HTTP, servers that would need the application are not to be started, whoever
   * starts them. A testing module may get its HTTP later.
   */
  refuseWithoutHttp({ registry }: Pool): void {
    registry.refuseFallback(() => (this.hasHttp ? undefined : NO_APPLICATION));
  }

  /** Gives the pool the application as its fallback, and each server the controllers bound to it. */
  async attach(pool: Pool): Promise<void> {
    const { registry } = pool;
    const { adapter } = this;
    const { features, logger } = this.parts;
    // In an application without HTTP there is nothing to give.
    if (adapter === undefined) return;
    // Fastify answers nothing before it is ready, and only its own listen() would make it so.
    if (adapter.getType() === 'fastify') await (adapter.getInstance() as Readiable).ready();
    const bind = (name: string, handler: Handler): void => registry.bind(name, handler);
    await features?.open(pool, { adapter, bind });
    const server = adapter.getHttpServer() as Server;
    this.limits = new OwnServerLimits(server, adapter.getType(), (text) => logger.warn(text));
    this.bridge = new NestAppBridge(server, {
      express: adapter.getType() === 'express',
      onChange: (handler) => {
        registry.setFallback(handler);
        pool.refreshHandlers();
      },
    });
    registry.setFallback(this.bridge.handler);
    pool.refreshHandlers();
  }

  /** The application has begun to shut down. */
  beginClose(): void {
    this.parts.features?.beginClose();
  }

  /** Leaves the application as it was found. */
  async close(): Promise<void> {
    this.bridge?.close();
    this.limits?.close();
    await this.parts.features?.close();
  }
}

/** The adapter of an HTTP application; a context, a microservice and a bare test module have none. */
function httpAdapterOf(host: HttpAdapterHost): AbstractHttpAdapter | undefined {
  const adapter = host.httpAdapter as AbstractHttpAdapter | null | undefined;
  const server: unknown = adapter?.getHttpServer?.();
  return adapter && typeof (server as Server | undefined)?.on === 'function' ? adapter : undefined;
}
