import type { ModulesContainer, NestContainer } from '@nestjs/core';
import type { NestModuleRef } from '../internals/nest.js';
import type { BoundControllers } from './bound-controllers.js';

/**
 * Keeps controllers that are bound to servers out of the application's own router, and out of what
 * documents its routes. They are controllers in every other respect: those who inject
 * `ModulesContainer` (`DiscoveryService`, and all that explore by it) and the listeners of
 * microservices see them.
 *
 * Nest's router and Swagger ask the container for its modules, as do the calls of the lifecycle
 * hooks and the listeners of microservices. What they get differs in this: in a view of the module
 * these controllers stand among its injectables, where hooks are called too. The view is what all
 * see who go through the values; who calls `forEach`, which is the router and the listeners, sees
 * the view from the set-up of middleware until the first hooks, which is when routes are made, and
 * the modules themselves at any other time. Unknown callers therefore see no routes.
 */
export class HiddenControllers {
  private readonly views = new Map<NestModuleRef, NestModuleRef>();
  private stage: 'before' | 'routing' | 'routed' = 'before';
  private asked = false;

  constructor(
    container: NestContainer,
    private readonly bound: BoundControllers,
  ) {
    for (const module of bound.hosts) this.views.set(module, this.hiding(module));
    for (const module of bound.modules.values()) {
      const leads = [...module.imports].some((one) => this.views.has(one));
      if (leads && !this.views.has(module)) this.views.set(module, this.following(module));
    }
    const modules = this.modulesView();
    Object.defineProperty(container, 'getModules', { configurable: true, value: () => modules });
  }

  /** Nest sets up middleware; then it makes the routes. */
  beginRouting(): void {
    this.stage = 'routing';
  }

  /**
   * Nest has made the routes.
   *
   * @throws Error where it did so in another way than is known here: then the routes may be everywhere
   */
  endRouting(): void {
    if (this.stage !== 'routing') return;
    this.stage = 'routed';
    if (this.asked) return;
    throw new Error(
      'nestjs-http-pool does not know how this version of @nestjs/core makes its routes, and so ' +
        "can't keep the controllers of HttpPoolModule.forFeature off the application's own server",
    );
  }

  private modulesView(): ModulesContainer {
    const { modules } = this.bound;
    const view = (module: NestModuleRef): NestModuleRef => this.views.get(module) ?? module;
    const values = () => [...modules.values()].map(view).values();
    const entries = () =>
      [...modules].map(([key, module]): [string, NestModuleRef] => [key, view(module)]).values();
    const forEach: ModulesContainer['forEach'] = (call) => {
      const routing = this.stage === 'routing';
      this.asked ||= routing;
      modules.forEach((module, key) => call(routing ? view(module) : module, key, modules));
    };
    const own = new Map<string | symbol, unknown>([
      ['values', values],
      ['entries', entries],
      [Symbol.iterator, entries],
      ['forEach', forEach],
    ]);
    return new Proxy(modules, {
      get(target, key) {
        const value: unknown = own.get(key) ?? Reflect.get(target, key, target);
        // A Map knows itself, and no proxy.
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  private hiding(module: NestModuleRef): NestModuleRef {
    const { bound } = this;
    return Object.create(this.following(module), {
      controllers: { get: () => bound.ofApplication(module) },
      injectables: {
        get: () => new Map([...module.injectables, ...bound.notOfApplication(module)]),
      },
    }) as NestModuleRef;
  }

  /** Swagger follows imports to controllers. */
  private following(module: NestModuleRef): NestModuleRef {
    return Object.create(module, {
      imports: {
        get: () => new Set([...module.imports].map((one) => this.views.get(one) ?? one)),
      },
    }) as NestModuleRef;
  }
}
