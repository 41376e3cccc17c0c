import type { MiddlewareConsumer, NestModule, Type } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { adapterOf, type NestModuleRef } from '../internals/nest.js';

type ConfigProxy = ReturnType<MiddlewareConsumer['apply']>;
type IsServed = (controller: Type) => boolean;

/** The instance of a module, also when {@link scopeApplication} has put another in its place. */
export function instanceOf(module: NestModuleRef): NestModule {
  return module.providers.get(module.metatype)?.instance as NestModule;
}

/**
 * Keeps middleware that is bound to a controller of another server out of the application itself:
 * middleware that answers would be a route that the application does not have.
 */
export function scopeApplication(modules: ModulesContainer, bound: ReadonlySet<Type>): void {
  const ofApplication = (controller: Type): boolean =>
    [...modules.values()].some(({ controllers }) => controllers.has(controller));
  const isServed: IsServed = (controller) => !bound.has(controller) || ofApplication(controller);
  for (const module of modules.values()) {
    const get = (): NestModule => scopeMiddleware(instanceOf(module), isServed);
    Object.defineProperty(module, 'instance', { configurable: true, get });
  }
}

/**
 * The instance of a module whose `configure()` binds middleware to a controller, or keeps it off,
 * only where the controller is served: `forRoutes(UsersController)` means its paths, and on another
 * server another controller may serve those.
 */
export function scopeMiddleware(instance: NestModule, isServed: IsServed): NestModule {
  if (typeof instance?.configure !== 'function') return instance;
  return Object.create(instance, {
    configure: {
      value: (consumer: MiddlewareConsumer) =>
        instance.configure(new ScopedConsumer(consumer, isServed)),
    },
  }) as NestModule;
}

class ScopedConsumer implements MiddlewareConsumer {
  constructor(
    private readonly consumer: MiddlewareConsumer,
    private readonly isServed: IsServed,
  ) {}

  apply(...middleware: Parameters<MiddlewareConsumer['apply']>): ConfigProxy {
    return this.scoped(this.consumer.apply(...middleware));
  }

  /** Not of the interface, but of what Nest passes. */
  getHttpAdapter(): unknown {
    return adapterOf(this.consumer);
  }

  private scoped(proxy: ConfigProxy): ConfigProxy {
    return {
      exclude: (...routes) => this.scoped(proxy.exclude(...this.here(routes))),
      forRoutes: (...routes) => {
        const here = this.here(routes);
        if (here.length > 0 || routes.length === 0) proxy.forRoutes(...here);
        return this;
      },
    };
  }

  private here<Route>(routes: readonly Route[]): Route[] {
    return routes.filter((route) => typeof route !== 'function' || this.isServed(route as never));
  }
}
