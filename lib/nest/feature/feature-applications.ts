import type { Server } from 'node:http';
import { Logger } from '@nestjs/common';
import type {
  AbstractHttpAdapter,
  HttpAdapterHost,
  ModuleRef,
  ModulesContainer,
  NestContainer,
} from '@nestjs/core';
import { printable } from '../../errors/printable.js';
import { LOG_CONTEXT } from '../../http-pool.constants.js';
import type { Handler } from '../../handler/handler.js';
import type { Pool } from '../../pool/pool.js';
import { guardedLogger } from '../../server/log/guarded-logger.js';
import { countExpressLayers } from '../internals/express.js';
import { FastifyCalls } from '../internals/fastify-calls.js';
import { containerOf, onAdapter } from '../internals/nest.js';
import { AdapterSetup } from './adapter-setup.js';
import { BoundControllers } from './bound-controllers.js';
import { containerView } from './container-view.js';
import { controllersOfImports, missingOn, uncalledFor } from './feature-warnings.js';
import { declaredImports } from './declared-imports.js';
import { freshAdapter } from './fresh-adapter.js';
import { HiddenControllers } from './hidden-controllers.js';
import { ModuleMiddleware } from './module-middleware.js';
import { refuseUnserved } from './refuse-unserved.js';
import { ServerApplication } from './server-application.js';

/** What Nest's container knows of the application. */
interface ApplicationParts {
  adapterHost: HttpAdapterHost;
  modules: ModulesContainer;
  moduleRef: ModuleRef;
}

/** What is made for the servers, and who takes it. */
interface Served {
  /** Of the application. */
  readonly adapter: AbstractHttpAdapter;
  readonly bind: (server: string, handler: Handler) => void;
}

/** The applications of the servers that controllers are bound to by `forFeature`. */
export class FeatureApplications {
  private readonly applications: ServerApplication[] = [];
  private readonly logger = guardedLogger(new Logger(LOG_CONTEXT));
  private readonly middleware: ModuleMiddleware;
  private readonly hidden: HiddenControllers;
  private calls: FastifyCalls | undefined;
  private prepare: (adapter: AbstractHttpAdapter) => void = () => undefined;
  private setup: AdapterSetup | undefined;
  /** So many Express had before modules could add some: Nest's parsers are the last of them. */
  private layers: number | undefined;

  private constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly container: NestContainer,
    private readonly bound: BoundControllers,
  ) {
    this.hidden = new HiddenControllers(container, bound);
    this.middleware = new ModuleMiddleware(bound.modules.values(), {
      isServed: (controller) => bound.isServedByApplication(controller),
      onConfigure: () => (this.layers ??= layersOf(adapterHost.httpAdapter)),
      // The last one to do so may have added something to the adapter.
      onConfigured: () => {
        const { calls, layers } = this;
        this.setup = new AdapterSetup(adapterHost.httpAdapter, calls, layers);
      },
    });
    // A testing module is given its adapter after its providers were made.
    onAdapter(adapterHost, () => this.watch());
    this.watch();
  }

  /**
   * To be made before Nest sets up middleware.
   *
   * @returns undefined in an application that binds nothing
   */
  static async create(parts: ApplicationParts): Promise<FeatureApplications | undefined> {
    const container = containerOf(parts.moduleRef);
    const bound = await BoundControllers.in(container, parts.modules);
    if (bound.features.size === 0) return undefined;
    return new FeatureApplications(parts.adapterHost, container, bound);
  }

  /** The names of the servers that something is bound to. */
  get servers(): ReadonlySet<string> {
    return this.bound.servers;
  }

  /** Told of the adapter of each server before anything is set up on it. */
  onFreshAdapter(prepare: (adapter: AbstractHttpAdapter) => void): void {
    this.prepare = prepare;
  }

  /** Nest sets up middleware, and makes its routes next. */
  beginRouting(): void {
    this.hidden.beginRouting();
  }

  /** Nest has made its routes. */
  endRouting(): void {
    this.hidden.endRouting();
  }

  /**
   * Makes the application of each such server.
   *
   * @param served.bind Told of the handler of a server, and of a new one for connections that come
   * @throws PoolError `ERR_POOL_VALIDATE` for names that no server has, or one with a `handlerKey`
   */
  async open(pool: Pool, { adapter, bind }: Served): Promise<void> {
    const { bound } = this;
    refuseUnserved(bound.features.values(), pool);
    // Whoever has the name now: a hook before may have renamed it so.
    for (const name of bound.servers) pool.get(name)?.bindHandlers(pool.registry);
    for (const server of bound.servers) {
      const onChange = (handler: Handler): void => {
        bind(server, handler);
        pool.refreshHandlers();
      };
      bind(server, await this.route(server, adapter, onChange));
    }
    this.calls?.close();
    const missing = (await this.setup?.namesOfMissing()) ?? [];
    const imports = await declaredImports(this.container, bound.modules);
    for (const text of [...controllersOfImports(bound, imports), ...missingOn(bound, missing)]) {
      this.logger.warn(printable(text));
    }
  }

  /** The application has begun to shut down, and serves on while the servers drain. */
  beginClose(): void {
    for (const application of this.applications) application.beginClose();
  }

  /** Closes them, and nothing of the application they were made from. */
  async close(): Promise<void> {
    // A bootstrap that failed has not ended it.
    this.calls?.close();
    const applications = this.applications.splice(0);
    await Promise.all(applications.map((application) => application.release()));
  }

  private async route(
    server: string,
    adapter: AbstractHttpAdapter,
    onChange: (handler: Handler) => void,
  ): Promise<Handler> {
    const { container, bound, middleware } = this;
    const fresh = freshAdapter(adapter, ({ name }) => this.logger.warn(uncalledFor(server, name)));
    this.prepare(fresh);
    const view = containerView({ container, server, bound, adapter: fresh, middleware });
    const application = new ServerApplication(view, fresh);
    this.applications.push(application);
    const whole = adapter.getHttpServer() as Server;
    return application.route(this.setup, bound.featuresOf(server), { whole, onChange });
  }

  private watch(): void {
    const adapter = this.adapterHost.httpAdapter as AbstractHttpAdapter | null | undefined;
    if (this.calls || adapter?.getType?.() !== 'fastify') return;
    this.calls = new FastifyCalls(adapter, adapter.getInstance());
  }
}

function layersOf(adapter: AbstractHttpAdapter): number | undefined {
  return adapter.getType() === 'express' ? countExpressLayers(adapter.getInstance()) : undefined;
}
