import type {
  AbstractHttpAdapter,
  HttpAdapterHost,
  ModuleRef,
  ModulesContainer,
} from '@nestjs/core';
import { quote } from '../../config/redact.js';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import { ServerError, ServerErrorCode } from '../../errors/server.error.js';
import type { Handler } from '../../handler/handler.js';
import { handlerKeyOf } from '../../config/handler-key.js';
import type { Pool } from '../../pool/pool.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { AdapterSetup } from './adapter-setup.js';
import { applyScopedEnhancers, containerView, controllersIn } from './container-view.js';
import { containerOf } from '../internals/nest.js';
import { featuresOf, type PoolFeature } from './feature-module.js';
import { freshAdapter } from './fresh-adapter.js';
import { namesOf } from '../../pool/no-server-named.js';
import { scopeApplication } from './scope-middleware.js';
import { ServerApplication } from './server-application.js';

/** What Nest's container knows of the application. */
export interface ApplicationParts {
  adapterHost: HttpAdapterHost;
  modules: ModulesContainer;
  moduleRef: ModuleRef;
}

/** The applications of the servers that controllers are bound to by `forFeature`. */
export class FeatureApplications {
  private readonly applications: ServerApplication[] = [];
  private setup: AdapterSetup | undefined;

  /** To be made before Nest sets up middleware, which it does module by module. */
  constructor(private readonly parts: ApplicationParts) {
    const { modules } = parts;
    const bound = controllersIn(featuresOf(modules));
    if (bound.size > 0) scopeApplication(modules, bound);
  }

  /** To be called while Nest sets up middleware: see {@link AdapterSetup}, and before any hook. */
  prepare(): void {
    const features = featuresOf(this.parts.modules);
    const { httpAdapter } = this.parts.adapterHost;
    // Nest calls again for each of the applications made here.
    if (this.setup || !httpAdapter || features.size === 0) return;
    this.setup = new AdapterSetup(httpAdapter);
    applyScopedEnhancers(containerOf(this.parts.moduleRef), features);
  }

  /**
   * Makes the application of each such server.
   *
   * @throws PoolError `ERR_POOL_VALIDATE` for names that no server has, or one with a `handlerKey`;
   *   `ERR_POOL_START` in an application without HTTP
   */
  async open(pool: Pool, adapter: AbstractHttpAdapter | undefined): Promise<Map<string, Handler>> {
    const features = featuresOf(this.parts.modules);
    refuseUnserved(features, pool);
    const handlers = new Map<string, Handler>();
    for (const name of new Set([...features.values()].flatMap(({ servers }) => servers))) {
      if (adapter === undefined) throw withoutHttp(name);
      const bound = new Map([...features].filter(([, { servers }]) => servers.includes(name)));
      const container = containerOf(this.parts.moduleRef);
      const fresh = freshAdapter(adapter);
      const view = containerView(container, fresh, bound);
      const application = new ServerApplication(view, fresh);
      this.applications.push(application);
      handlers.set(name, await application.route(this.setup, [...bound.values()]));
    }
    return handlers;
  }

  /** The application has begun to shut down, and serves on while the servers drain. */
  beginClose(): void {
    for (const application of this.applications) application.beginClose();
  }

  /** Closes them, and nothing of the application they were made from. */
  async close(): Promise<void> {
    const applications = this.applications.splice(0);
    await Promise.all(applications.map((application) => application.release()));
  }
}

function refuseUnserved(features: Map<string, PoolFeature>, pool: Pool): void {
  const errors: ServerError[] = [];
  for (const { servers, controllers } of features.values()) {
    for (const name of servers) {
      const fault = faultOf(pool.get(name), pool);
      if (fault === undefined) continue;
      const bound = controllers.map((controller) => controller.name).join(', ');
      const message = `${bound} can't be bound to the server ${quote(name)}, ${fault}`;
      errors.push(new ServerError(ServerErrorCode.ERR_SERVER_VALIDATE, message, { server: name }));
    }
  }
  if (errors.length === 0) return;
  const headline = 'HttpPoolModule.forFeature names servers that would not serve what it binds';
  throw new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, headline, errors);
}

function faultOf(server: PooledServer | undefined, pool: Pool): string | undefined {
  if (server === undefined) return `which is not configured: ${namesOf(pool)}`;
  const key = server.handlerKey();
  if (handlerKeyOf(key) === '') return undefined;
  return (
    `whose handlerKey ${quote(key)} has it serve that entry of \`handlers\` and nothing else: leave ` +
    'its `handlerKey` out, or bind them to another server'
  );
}

function withoutHttp(name: string): PoolError {
  return new PoolError(
    PoolErrorCode.ERR_POOL_START,
    `HttpPoolModule.forFeature binds controllers to the server ${quote(name)}, but this application ` +
      'has no HTTP adapter (it was made by NestFactory.createApplicationContext or ' +
      'createMicroservice): make it by NestFactory.create',
  );
}
