import type { Type } from '@nestjs/common';
import { ModulesContainer, type AbstractHttpAdapter, type NestContainer } from '@nestjs/core';
import type { ControllerWrappers, NestModuleRef } from '../internals/nest.js';
import type { BoundControllers } from './bound-controllers.js';
import type { ModuleMiddleware } from './module-middleware.js';

/** What a view of the container is made of. */
interface ContainerViewParts {
  container: NestContainer;
  /** Whose routes are to be made. */
  server: string;
  bound: BoundControllers;
  adapter: AbstractHttpAdapter;
  middleware: ModuleMiddleware;
}

/**
 * The same container with the controllers of one server, and no others. What is injected, and every
 * instance, is the container's own. The config is the application's too, until a server's `setup`
 * changes it: then for that server.
 */
export function containerView(parts: ContainerViewParts): NestContainer {
  const { container, server, bound, adapter, middleware } = parts;
  const { modules } = bound;
  const view = new ModulesContainer();
  // Paths given by RouterModule are filed under it.
  Object.defineProperty(view, 'applicationId', { get: () => modules.applicationId });
  const served = bound.ofServer(server);
  const classes = new Set([...served.values()].flatMap((one) => [...one.keys()]));
  for (const [key, module] of modules) {
    const controllers: ControllerWrappers = served.get(module) ?? new Map();
    let imports: Set<NestModuleRef> | undefined;
    view.set(
      key,
      Object.create(module, {
        controllers: { value: controllers },
        middlewares: { value: new SharedMiddleware(module.middlewares) },
        // Swagger follows them to controllers.
        imports: { get: () => (imports ??= viewed(module.imports, view)) },
        instance: {
          get: () => middleware.replayed(module, (one: Type) => classes.has(one)),
        },
      }) as NestModuleRef,
    );
  }
  return Object.create(container, {
    applicationConfig: { value: Object.create(container.applicationConfig as object) },
    getModules: { value: () => view },
    getModuleByKey: { value: (key: string) => view.get(key) },
    getHttpAdapterRef: { value: () => adapter },
  }) as NestContainer;
}

function viewed(imports: Iterable<NestModuleRef>, view: ModulesContainer): Set<NestModuleRef> {
  return new Set([...imports].map((module) => view.get(module.token) ?? module));
}

/** Middleware is set up anew for each application; here the instance that exists is kept. */
class SharedMiddleware extends Map<unknown, unknown> {
  constructor(private readonly existing: ReadonlyMap<unknown, unknown>) {
    super();
  }

  override set(token: unknown, wrapper: unknown): this {
    return super.set(token, this.existing.get(token) ?? wrapper);
  }
}
