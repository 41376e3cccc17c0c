import type { AbstractHttpAdapter } from '@nestjs/core';
import {
  addExpressLayers,
  expressLayersOf,
  nameOfLayer,
  replaceExpressLayers,
  type ExpressLayers,
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
  fastifyIsWithCors,
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
  /** Body parsers of Express are middleware like any other; of Fastify none is behind them. */
  private readonly middleware: ExpressLayers;
  /** With that for some paths. */
  private readonly allMiddleware: ExpressLayers;
  /** What was done to an instance of Fastify before Nest had it. */
  private earlier: readonly FastifyCall[] | undefined;

  /** @param count So many layers Express had before modules added to them */
  constructor(
    private readonly adapter: AbstractHttpAdapter,
    private readonly fastify: FastifyCalls | undefined,
    count = Infinity,
  ) {
    const instance: unknown = adapter.getInstance();
    if (adapter.getType() === 'fastify') {
      this.middleware = { before: fastifyMiddlewareOf(instance), behind: [] };
      this.allMiddleware = { before: fastifyPathMiddlewareOf(instance), behind: [] };
    } else {
      this.middleware = expressLayersOf(instance, { count, mounted: false });
      this.allMiddleware = expressLayersOf(instance, { count, mounted: true });
    }
  }

  private get calls(): readonly FastifyCall[] {
    return [...(this.earlier ?? []), ...(this.fastify?.calls ?? [])];
  }

  /** What a server that inherits nothing is without, each by a name. */
  async namesOfMissing(): Promise<string[]> {
    const isFastify = this.adapter.getType() === 'fastify';
    const nameOf = isFastify ? nameOfPathMiddleware : nameOfLayer;
    const present = new Set(wholeOf(this.middleware));
    const mounted = wholeOf(this.allMiddleware).filter((one) => !present.has(one));
    const calls = await Promise.all(this.calls.map(nameOfCall));
    return [...mounted.map(nameOf), ...calls.filter((name) => name !== undefined)];
  }

  /** All but the body parsers, on one that is as it was made. */
  addMiddleware(fresh: AbstractHttpAdapter, { inherit }: Inheritance): void {
    const instance: unknown = fresh.getInstance();
    const { before: middleware } = inherit ? this.allMiddleware : this.middleware;
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

  /**
   * What the application's upload interceptors need, and all plugins that are there by now; and its CORS, unless
   * the server has some of its own: Fastify fails at a second one.
   */
  async addPlugins(fresh: AbstractHttpAdapter): Promise<void> {
    if (fresh.getType() !== 'fastify') return;
    requestMultipart(this.adapter, fresh);
    const instance = fresh.getInstance() as { after(): Promise<unknown> };
    // Plugins may look for the routes that come after them.
    await instance.after();
    if (fastifyHasCors(this.adapter) || fastifyIsWithCors(instance)) return;
    // With a later hook, and of older versions of Nest, it does not come with the middleware.
    for (const args of this.fastify?.cors ?? []) repeatOnAdapter(fresh, 'enableCors', args);
    await instance.after();
  }

  /** The application's parsers, where there is no other for that type of body, and Nest's. */
  addParsers(
    fresh: AbstractHttpAdapter,
    { inherit }: Inheritance,
    registerNestParsers: () => void,
  ): void {
    const instance: unknown = fresh.getInstance();
    if (fresh.getType() === 'fastify') {
      const own = ownFastifyParsers(instance);
      registerNestParsers();
      copyFastifyParsers(this.adapter.getInstance(), instance, own);
    } else {
      // Nest adds those that are missing, and no body is read twice.
      addExpressLayers(instance, (inherit ? this.allMiddleware : this.middleware).behind);
      registerNestParsers();
    }
  }
}

function wholeOf({ before, behind }: ExpressLayers): unknown[] {
  return [...before, ...behind];
}
