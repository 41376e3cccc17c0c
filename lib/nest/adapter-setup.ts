import type { AbstractHttpAdapter } from '@nestjs/core';
import { expressLayersOf, addExpressLayers } from './express-setup.js';
import {
  addFastifyMiddleware,
  copyFastifyHooks,
  copyFastifyParsers,
  fastifyHasCors,
  fastifyMiddlewareOf,
} from './fastify-setup.js';

/**
 * What an application has on its adapter for every request, beside Nest's own middleware and routes:
 * `app.use()`, body parsers, CORS on Express. Taken while Nest sets up middleware, when these are
 * there and the routes are not yet. A `use()` with a path is left out: it may mount routes.
 */
export class AdapterSetup {
  private readonly middleware: readonly unknown[];

  constructor(private readonly adapter: AbstractHttpAdapter) {
    const instance: unknown = adapter.getInstance();
    const isFastify = adapter.getType() === 'fastify';
    this.middleware = isFastify ? fastifyMiddlewareOf(instance) : expressLayersOf(instance);
  }

  /** Whether CORS comes with {@link addMiddleware}. */
  get hasCors(): boolean {
    return this.adapter.getType() !== 'fastify' || fastifyHasCors(this.adapter);
  }

  /** To be called before Nest registers body parsers, for those that are there already are kept. */
  addMiddleware(fresh: AbstractHttpAdapter): void {
    const instance: unknown = fresh.getInstance();
    if (fresh.getType() === 'fastify') {
      copyFastifyHooks(this.adapter, fresh);
      addFastifyMiddleware(instance, this.middleware);
    } else {
      addExpressLayers(instance, this.middleware);
    }
  }

  /** To be called after it: Fastify has one parser for a content type. */
  addParsers(fresh: AbstractHttpAdapter): void {
    if (fresh.getType() === 'fastify') {
      copyFastifyParsers(this.adapter.getInstance(), fresh.getInstance());
    }
  }
}
