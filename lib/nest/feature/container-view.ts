import type { Type } from '@nestjs/common';
import { ModulesContainer, type AbstractHttpAdapter, type NestContainer } from '@nestjs/core';
import type { PoolFeature } from './feature-module.js';
import type { ControllerWrapper, ControllerWrappers, NestModuleRef } from '../internals/nest.js';
import { instanceOf, scopeMiddleware } from './scope-middleware.js';

/**
 * The same container with other controllers: those of the features, which stand among the providers
 * of their modules, and no others. What is injected, and every instance, is the container's own.
 * The config is the application's too, until a server's `setup` changes it: then for that server.
 */
export function containerView(
  container: NestContainer,
  adapter: AbstractHttpAdapter,
  features: ReadonlyMap<string, PoolFeature>,
): NestContainer {
  const modules = container.getModules();
  const view = new ModulesContainer();
  // Paths given by RouterModule are filed under it.
  Object.defineProperty(view, 'applicationId', { get: () => modules.applicationId });
  const served = controllersIn(features);
  for (const [key, module] of modules) {
    const controllers = controllersOf(module, features.get(key));
    let imports: Set<NestModuleRef> | undefined;
    view.set(
      key,
      Object.create(module, {
        controllers: { value: controllers },
        middlewares: { value: new SharedMiddleware(module.middlewares) },
        // Swagger follows them to controllers.
        imports: { get: () => (imports ??= viewed(module.imports, view)) },
        instance: { get: () => scopeMiddleware(instanceOf(module), (one) => served.has(one)) },
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

/**
 * Global enhancers that are made for each request make controllers so too. Nest sees to this for
 * what it knows as controllers, when it scans the modules.
 */
export function applyScopedEnhancers(
  container: NestContainer,
  features: ReadonlyMap<string, PoolFeature>,
): void {
  const config = container.applicationConfig;
  const enhancers = [
    ...(config?.getGlobalRequestGuards() ?? []),
    ...(config?.getGlobalRequestPipes() ?? []),
    ...(config?.getGlobalRequestInterceptors() ?? []),
    ...(config?.getGlobalRequestFilters() ?? []),
  ];
  for (const [key, { controllers }] of features) {
    for (const controller of controllers) {
      const wrapper = container.getModuleByKey(key)?.providers.get(controller);
      for (const enhancer of enhancers) wrapper?.addEnhancerMetadata(enhancer);
    }
  }
}

/** The controllers of some features. */
export function controllersIn(features: ReadonlyMap<string, PoolFeature>): ReadonlySet<Type> {
  return new Set([...features.values()].flatMap(({ controllers }) => controllers));
}

function viewed(imports: Iterable<NestModuleRef>, view: ModulesContainer): Set<NestModuleRef> {
  return new Set([...imports].map((module) => view.get(module.token) ?? module));
}

function controllersOf(
  module: NestModuleRef,
  feature: PoolFeature | undefined,
): ControllerWrappers {
  const controllers: ControllerWrappers = new Map();
  for (const controller of feature?.controllers ?? []) {
    // Nest files a controller's parameters and guards under it; by the name alone, two controllers
    // of one name would share them.
    module.assignControllerUniqueId(controller);
    const wrapper = module.providers.get(controller);
    if (wrapper) controllers.set(controller, routable(wrapper, controller));
  }
  return controllers;
}

/** A test's `overrideProvider(…).useValue()` leaves no class, from which Nest reads the path. */
function routable(wrapper: object, controller: Type): ControllerWrapper {
  const found = wrapper as ControllerWrapper;
  return found.metatype ? found : Object.create(found, { metatype: { value: controller } });
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
