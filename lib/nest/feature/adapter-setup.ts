import type { AbstractHttpAdapter } from '@nestjs/core';
import {
  addExpressLayers,
  expressLayersOf,
  expressParsersOf,
  mountedLayersOf,
  nameOfLayer,
  replaceExpressLayers,
} from '../internals/express.js';
import {
  nameOfCall,
  repeatCall,
  repeatOnAdapter,
  type FastifyCall,
  type FastifyCalls,
} from '../internals/fastify-calls.js';
import {
  addFastifyMiddleware,
  copyFastifyHooks,
  copyFastifyParsers,
  fastifyHasCors,
  fastifyMiddlewareOf,
  fastifyPathMiddlewareOf,
  nameOfPathMiddleware,
  ownFastifyParsers,
  requestMultipart,
} from '../internals/fastify.js';
import { copyRequestHooks } from '../internals/nest.js';

/** Whether a server has what holds for some paths only, and what is Fastify's own. */
interface Inheritance {
  readonly inherit: boolean;
}

/**
 * What an application has on its adapter, beside Nest's own middleware and routes: `app.use()`, body
 * parsers, CORS on Express, plugins and hooks of Fastify. Taken while Nest sets up middleware, when
 * these are there and the routes are not yet. What is mounted on a path may be routes, and what a plugin
 * adds too: a server has these only where it inherits.
 */
export class AdapterSetup {
  private readonly middleware: readonly unknown[];
  /** With that for some paths. */
  private readonly allMiddleware: readonly unknown[];
  /** Of Express, where they are middleware like any other. */
  private readonly parsers: readonly unknown[];
  /** What was done to an instance of Fastify before Nest had it. */
  private earlier: readonly FastifyCall[] | undefined;

  constructor(
    private readonly adapter: AbstractHttpAdapter,
    private readonly fastify: FastifyCalls | undefined,
  ) {
    const instance: unknown = adapter.getInstance();
    const isFastify = adapter.getType() === 'fastify';
    this.middleware = isFastify ? fastifyMiddlewareOf(instance) : expressLayersOf(instance);
    this.allMiddleware = isFastify ? fastifyPathMiddlewareOf(instance) : mountedLayersOf(instance);
    this.parsers = isFastify ? [] : expressParsersOf(instance);
  }

  /** CORS that does not come with {@link addMiddleware}: with a later hook of Fastify, and of older versions of Nest. */
  addCors(fresh: AbstractHttpAdapter): void {
    if (this.adapter.getType() !== 'fastify' || fastifyHasCors(this.adapter)) return;
    const { cors = [] } = this.fastify ?? {};
    for (const args of cors) repeatOnAdapter(fresh, 'enableCors', args);
  }

  private get calls(): readonly FastifyCall[] {
    return [...(this.earlier ?? []), ...(this.fastify?.calls ?? [])];
  }

  /** What a server that inherits nothing is without, each by a name. */
  async namesOfMissing(): Promise<string[]> {
    const isFastify = this.adapter.getType() === 'fastify';
    const nameOf = isFastify ? nameOfPathMiddleware : nameOfLayer;
    const present = new Set([...this.middleware, ...this.parsers]);
    const mounted = this.allMiddleware.filter((one) => !present.has(one));
    const calls = await Promise.all(this.calls.map(nameOfCall));
    return [...mounted.map(nameOf), ...calls.filter((name) => name !== undefined)];
  }

  /** All but the body parsers, on one that is as it was made. */
  addMiddleware(fresh: AbstractHttpAdapter, { inherit }: Inheritance): void {
    const instance: unknown = fresh.getInstance();
    const middleware = inherit ? this.allMiddleware : this.middleware;
    if (fresh.getType() === 'fastify') {
      this.earlier ??= this.fastify?.earlierThan(instance);
      copyFastifyHooks(this.adapter, fresh);
      // On Express they come with the middleware that calls them.
      copyRequestHooks(this.adapter, fresh);
      addFastifyMiddleware(instance, middleware);
      if (!inherit) return;
      for (const call of this.calls) repeatCall(instance, call);
    } else {
      replaceExpressLayers(instance, middleware);
    }
  }

  /** What the application's upload interceptors need, and all plugins that are there by now. */
  async addPlugins(fresh: AbstractHttpAdapter): Promise<void> {
    if (fresh.getType() !== 'fastify') return;
    requestMultipart(this.adapter, fresh);
    // Plugins may look for the routes that come after them.
    await (fresh.getInstance() as { after(): Promise<unknown> }).after();
  }

  /** The application's parsers, where there is no other for that type of body, and Nest's. */
  addParsers(fresh: AbstractHttpAdapter, registerNestParsers: () => void): void {
    const instance: unknown = fresh.getInstance();
    if (fresh.getType() === 'fastify') {
      const own = ownFastifyParsers(instance);
      registerNestParsers();
      copyFastifyParsers(this.adapter.getInstance(), instance, own);
    } else {
      // Nest adds those that are missing, and no body is read twice.
      addExpressLayers(instance, this.parsers);
      registerNestParsers();
    }
  }
}
