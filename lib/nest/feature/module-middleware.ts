import type { MiddlewareConsumer, NestModule, Type } from '@nestjs/common';
import { adapterOf, type NestModuleRef } from '../internals/nest.js';

type ConfigProxy = ReturnType<MiddlewareConsumer['apply']>;
type Middleware = Parameters<MiddlewareConsumer['apply']>;
type IsServed = (controller: Type) => boolean;

/** What a module's `configure()` asked for by one `apply()`. */
interface Applied {
  readonly middleware: Middleware;
  readonly steps: { readonly method: 'exclude' | 'forRoutes'; readonly routes: unknown[] }[];
}

/**
 * The middleware that modules bind in `configure()`. That is called once, by the application: it may
 * do more than bind, register a plugin say, which can't be done twice. The applications of servers
 * are told what it asked for.
 *
 * Middleware of a controller, `forRoutes(UsersController)`, is bound where the controller is served: it
 * means its paths, and on another server another controller may serve those, or none, and middleware
 * that answers would be a route there.
 */
export class ModuleMiddleware {
  private readonly asked = new Map<NestModuleRef, Applied[]>();

  /** To be called before Nest sets up middleware, which it does module by module. */
  constructor(modules: Iterable<NestModuleRef>, isServed: IsServed) {
    for (const module of modules) {
      const get = (): NestModule => this.recorded(module, isServed);
      Object.defineProperty(module, 'instance', { configurable: true, get });
    }
  }

  /** An instance of the module that asks for the same, for an application that serves others. */
  replayed(module: NestModuleRef, isServed: IsServed): NestModule {
    const asked = this.asked.get(module);
    if (asked === undefined) return {} as NestModule;
    return {
      configure(consumer) {
        for (const { middleware, steps } of asked) {
          let proxy = consumer.apply(...middleware);
          for (const { method, routes } of steps) {
            const here = served(routes, isServed) as string[];
            if (method === 'exclude') proxy = proxy.exclude(...here);
            else if (isBinding(routes, here)) proxy.forRoutes(...here);
          }
        }
      },
    };
  }

  private recorded(module: NestModuleRef, isServed: IsServed): NestModule {
    const instance = module.providers.get(module.metatype)?.instance as NestModule;
    if (typeof instance?.configure !== 'function') return instance;
    return Object.create(instance, {
      configure: {
        value: (consumer: MiddlewareConsumer) => {
          const asked: Applied[] = [];
          this.asked.set(module, asked);
          return instance.configure(new RecordingConsumer(consumer, isServed, asked));
        },
      },
    }) as NestModule;
  }
}

class RecordingConsumer implements MiddlewareConsumer {
  constructor(
    private readonly consumer: MiddlewareConsumer,
    private readonly isServed: IsServed,
    private readonly asked: Applied[],
  ) {}

  apply(...middleware: Middleware): ConfigProxy {
    const applied: Applied = { middleware, steps: [] };
    this.asked.push(applied);
    return this.recording(this.consumer.apply(...middleware), applied);
  }

  /** Not of the interface, but of what Nest passes. */
  getHttpAdapter(): unknown {
    return adapterOf(this.consumer);
  }

  private recording(proxy: ConfigProxy, { steps }: Applied): ConfigProxy {
    const recording: ConfigProxy = {
      exclude: (...routes) => {
        steps.push({ method: 'exclude', routes });
        proxy = proxy.exclude(...served(routes, this.isServed));
        return recording;
      },
      forRoutes: (...routes) => {
        steps.push({ method: 'forRoutes', routes });
        const here = served(routes, this.isServed);
        if (isBinding(routes, here)) proxy.forRoutes(...here);
        return this;
      },
    };
    return recording;
  }
}

/** Nest is left to say what is wrong with no routes at all. */
function isBinding(routes: readonly unknown[], here: readonly unknown[]): boolean {
  return here.length > 0 || routes.length === 0;
}

function served<Route>(routes: readonly Route[], isServed: IsServed): Route[] {
  return routes.filter((route) => typeof route !== 'function' || isServed(route as never));
}
