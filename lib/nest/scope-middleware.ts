import type { MiddlewareConsumer, NestModule, Type } from '@nestjs/common';

type Routes = Parameters<ReturnType<MiddlewareConsumer['apply']>['forRoutes']>;
type ConfigProxy = ReturnType<MiddlewareConsumer['apply']>;

/**
 * The instance of a module whose `configure()` binds middleware to a controller only where the
 * controller is served: `forRoutes(UsersController)` means its paths, and on another server another
 * controller may serve those.
 */
export function scopeMiddleware(instance: NestModule, served: ReadonlySet<Type>): NestModule {
  if (typeof instance?.configure !== 'function') return instance;
  return Object.create(instance, {
    configure: {
      value: (consumer: MiddlewareConsumer) =>
        instance.configure(new ScopedConsumer(consumer, served)),
    },
  }) as NestModule;
}

class ScopedConsumer implements MiddlewareConsumer {
  constructor(
    private readonly consumer: MiddlewareConsumer,
    private readonly served: ReadonlySet<Type>,
  ) {}

  apply(...middleware: Parameters<MiddlewareConsumer['apply']>): ConfigProxy {
    return this.scoped(this.consumer.apply(...middleware));
  }

  /** Not of the interface, but of what Nest passes. */
  getHttpAdapter(): unknown {
    return (this.consumer as unknown as { getHttpAdapter(): unknown }).getHttpAdapter();
  }

  private scoped(proxy: ConfigProxy): ConfigProxy {
    return {
      exclude: (...routes) => this.scoped(proxy.exclude(...routes)),
      forRoutes: (...routes: Routes) => {
        const here = routes.filter((route) => !isForeign(route, this.served));
        if (here.length > 0 || routes.length === 0) proxy.forRoutes(...here);
        return this;
      },
    };
  }
}

function isForeign(route: unknown, served: ReadonlySet<Type>): boolean {
  return typeof route === 'function' && !served.has(route as Type);
}
