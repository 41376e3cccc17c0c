import type { AbstractHttpAdapter } from '@nestjs/core';
import {
  addExpressLayers,
  expressLayersOf,
  expressParsersOf,
  replaceExpressLayers,
} from '../internals/express.js';
import {
  addFastifyMiddleware,
  copyFastifyHooks,
  copyFastifyParsers,
  fastifyHasCors,
  ownFastifyParsers,
  requestMultipart,
  fastifyMiddlewareOf,
} from '../internals/fastify.js';

/**
 * What an application has on its adapter for every request, beside Nest's own middleware and routes:
 * `app.use()`, body parsers, CORS on Express. Taken while Nest sets up middleware, when these are
 * there and the routes are not yet. A `use()` with a path is left out: it may mount routes.
 */
export class AdapterSetup {
  private readonly middleware: readonly unknown[];
  /** Of Express, where they are middleware like any other. */
  private readonly parsers: readonly unknown[];

  constructor(private readonly adapter: AbstractHttpAdapter) {
    const instance: unknown = adapter.getInstance();
    const isFastify = adapter.getType() === 'fastify';
    this.middleware = isFastify ? fastifyMiddlewareOf(instance) : expressLayersOf(instance);
    this.parsers = isFastify ? [] : expressParsersOf(instance);
  }

  /** Whether CORS comes with {@link addMiddleware}. */
  get hasCors(): boolean {
    return this.adapter.getType() !== 'fastify' || fastifyHasCors(this.adapter);
  }

  /** All but the body parsers. */
  addMiddleware(fresh: AbstractHttpAdapter): void {
    const instance: unknown = fresh.getInstance();
    if (fresh.getType() === 'fastify') {
      copyFastifyHooks(this.adapter, fresh);
      copyRequestHooks(this.adapter, fresh);
      addFastifyMiddleware(instance, this.middleware);
    } else {
      replaceExpressLayers(instance, this.middleware);
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

/** On Express they come with the middleware that calls them. */
function copyRequestHooks(from: AbstractHttpAdapter, to: AbstractHttpAdapter): void {
  const { onRequestHook, onResponseHook } = from as AbstractHttpAdapter & {
    onRequestHook?: Parameters<AbstractHttpAdapter['setOnRequestHook']>[0];
    onResponseHook?: Parameters<AbstractHttpAdapter['setOnResponseHook']>[0];
  };
  if (onRequestHook) to.setOnRequestHook(onRequestHook);
  if (onResponseHook) to.setOnResponseHook(onResponseHook);
}
