import type { MiddlewareConsumer, NestModule, Type } from '@nestjs/common';
import { isThenable } from '../../handler/thenable.js';
import { standInsFor, tokensOfLast } from '../internals/middleware.js';
import { adapterOf, type NestModuleRef } from '../internals/nest.js';

type ConfigProxy = ReturnType<MiddlewareConsumer['apply']>;
type Middleware = Parameters<MiddlewareConsumer['apply']>;
type IsServed = (controller: Type) => boolean;

/** What a module's `configure()` asked for by one `forRoutes()`. */
interface Bound {
  readonly middleware: Middleware;
  /** What the application's own is filed under. */
  readonly tokens: readonly unknown[];
  /** Of each `exclude()` before. */
  readonly excluded: readonly unknown[][];
  readonly routes: readonly unknown[];
}

interface Told {
  isServed: IsServed;
  /** Told before a module does. */
  onConfigure: () => void;
  /** Told when a module has bound its middleware, and done whatever else it does in `configure()`. */
  onConfigured: () => void;
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
  private readonly asked = new Map<NestModuleRef, Bound[]>();

  /** To be called before Nest sets up middleware, which it does module by module. */
  constructor(
    modules: Iterable<NestModuleRef>,
    private readonly told: Told,
  ) {
    for (const module of modules) {
      const get = (): NestModule => this.recorded(module);
      Object.defineProperty(module, 'instance', { configurable: true, get });
    }
  }

  /** An instance of the module that asks for the same, for an application that serves others. */
  replayed(module: NestModuleRef, isServed: IsServed): NestModule {
    const asked = this.asked.get(module);
    if (asked === undefined) return {} as NestModule;
    return {
      configure(consumer) {
        for (const { middleware, tokens, excluded, routes } of asked) {
          const here = served(routes, isServed) as string[];
          if (here.length === 0) continue;
          const isExcluding = excluded.length > 0;
          const own = isExcluding ? standInsFor(module, middleware, tokens) : middleware;
          let proxy = consumer.apply(...(own as Middleware));
          for (const each of excluded)
            proxy = proxy.exclude(...(served(each, isServed) as string[]));
          proxy.forRoutes(...here);
        }
      },
    };
  }

  private recorded(module: NestModuleRef): NestModule {
    const instance = module.providers.get(module.metatype)?.instance as NestModule;
    if (typeof instance?.configure !== 'function') return instance;
    const { isServed, onConfigure, onConfigured } = this.told;
    return Object.create(instance, {
      configure: {
        value: (consumer: MiddlewareConsumer): unknown => {
          const asked: Bound[] = [];
          this.asked.set(module, asked);
          onConfigure();
          const recording = new RecordingConsumer(consumer, isServed, asked);
          const configured: unknown = instance.configure(recording);
          if (isThenable(configured)) return Promise.resolve(configured).then(onConfigured);
          return onConfigured();
        },
      },
    }) as NestModule;
  }
}

class RecordingConsumer implements MiddlewareConsumer {
  constructor(
    private readonly consumer: MiddlewareConsumer,
    private readonly isServed: IsServed,
    private readonly asked: Bound[],
  ) {}

  apply(...middleware: Middleware): ConfigProxy {
    return this.recording(this.consumer.apply(...middleware), middleware);
  }

  /** Not of the interface, but of what Nest passes. */
  getHttpAdapter(): unknown {
    return adapterOf(this.consumer);
  }

  private recording(proxy: ConfigProxy, middleware: Middleware): ConfigProxy {
    const excluded: unknown[][] = [];
    const recording: ConfigProxy = {
      exclude: (...routes) => {
        excluded.push(routes);
        proxy = proxy.exclude(...served(routes, this.isServed));
        return recording;
      },
      forRoutes: (...routes) => {
        // For no routes too: so it is made once, and its hooks are called.
        proxy.forRoutes(...served(routes, this.isServed));
        const tokens = tokensOfLast(this.consumer);
        this.asked.push({ middleware, tokens, excluded: [...excluded], routes });
        return this;
      },
    };
    return recording;
  }
}

function served<Route>(routes: readonly Route[], isServed: IsServed): Route[] {
  return routes.filter((route) => typeof route !== 'function' || isServed(route as never));
}
