import type { MiddlewareConsumer, NestMiddleware, Type } from '@nestjs/common';
import { unfamiliar, type NestModuleRef } from './nest.js';

/*
 * How Nest keeps the middleware that a module binds: not of its documented surface. Read from `@nestjs/core`
 * 11.2.10 and 12.5.1; `test/nest/internals.e2e-spec.ts` fails by name where a new version differs.
 */

/** What a module files its middleware under: its class, or one that Nest makes for each binding with exclusions. */
type Token = unknown;

interface Building {
  build?(): { readonly middleware?: readonly Token[] }[];
}

type Use = (this: unknown, ...args: Parameters<NestMiddleware['use']>) => unknown;

const FILTERS = '__exceptionFilters__';

/** What the middleware that was bound last is filed under, in the order of `apply()`. */
export function tokensOfLast(consumer: MiddlewareConsumer): readonly Token[] {
  const building = consumer as Building;
  if (typeof building.build !== 'function') throw unfamiliar('what a MiddlewareConsumer builds');
  return [building.build().at(-1)?.middleware ?? []].flat();
}

/**
 * The middleware for another application, which excludes by itself: where the one of this application is made
 * once, a class that passes on to it. Nest would make another one, whose hooks nobody calls.
 */
export function standInsFor(
  module: NestModuleRef,
  middleware: readonly unknown[],
  tokens: readonly Token[],
): unknown[] {
  const bound = middleware.flat().filter((one) => typeof one === 'function');
  return bound.map((one, at) => standInFor(one as Type<NestMiddleware>, module, tokens[at]));
}

function standInFor(
  Middleware: Type<NestMiddleware>,
  module: NestModuleRef,
  token: Token,
): Type<NestMiddleware> {
  const wrapper = module.middlewares.get(token as never);
  const instance: unknown = wrapper?.instance;
  // A function, and one that is made for each request.
  if (!wrapper || !isMadeOf(Middleware, instance)) return Middleware;
  if (!wrapper.isDependencyTreeStatic() || wrapper.isTransient) return Middleware;
  const use = useOf(Middleware.prototype as object) ?? useOf(instance as object);
  if (use === undefined) return Middleware;
  class StandIn implements NestMiddleware {
    use(...args: Parameters<NestMiddleware['use']>): unknown {
      return Reflect.apply(use as Use, instance, args) as unknown;
    }
  }
  copyFilters(Middleware, StandIn);
  copyFilters(use, useOf(StandIn.prototype) as Use);
  Object.defineProperty(StandIn, 'name', { value: Middleware.name });
  return StandIn;
}

/** Of its class; the instances of some have it as a property. */
function useOf(owner: object): Use | undefined {
  const use: unknown = Reflect.get(owner, 'use');
  return typeof use === 'function' ? (use as Use) : undefined;
}

function isMadeOf(Middleware: Type<NestMiddleware>, instance: unknown): boolean {
  return typeof Middleware.prototype === 'object' && instance instanceof Middleware;
}

function copyFilters(from: object, to: object): void {
  const filters: unknown = Reflect.getMetadata(FILTERS, from);
  if (filters !== undefined) Reflect.defineMetadata(FILTERS, filters, to);
}
