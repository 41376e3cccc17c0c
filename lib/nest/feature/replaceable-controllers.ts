import type { FactoryProvider, Provider, Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { NestModuleRef } from '../internals/nest.js';

/**
 * Where a test puts the provider that is to take a controller's place. A factory, for Nest 11 would take a
 * class that replaces a value for made already.
 */
const vacant = (): object => Object.freeze({});

const REPLACED_CONTROLLERS = 'HTTP_POOL_REPLACED_CONTROLLERS';

/**
 * Lets `overrideProvider(AdminController)` of a testing module replace a controller: Nest looks for what it
 * overrides among providers only. Each controller has a place among them until the first of these is
 * made, which is before the controllers are.
 */
export function replaceable(controllers: readonly Type[]): Provider[] {
  if (controllers.length === 0) return [];
  const places = controllers.map((provide): FactoryProvider => ({ provide, useFactory: vacant }));
  const take: FactoryProvider = {
    provide: REPLACED_CONTROLLERS,
    inject: [ModulesContainer],
    useFactory: (modules: ModulesContainer) => {
      for (const module of modules.values()) {
        if (controllers.some((one) => module.providers.has(one))) takePlaces(module, controllers);
      }
    },
  };
  return [...places, take];
}

function takePlaces(module: NestModuleRef, controllers: readonly Type[]): void {
  if (!module.providers.has(REPLACED_CONTROLLERS)) return;
  for (const controller of controllers) {
    const place = module.providers.get(controller);
    if (place === undefined || !module.controllers.has(controller)) continue;
    module.providers.delete(controller);
    if (place.metatype === vacant) continue;
    // Of a value, Nest reads the paths from the class that it stands for.
    place.metatype ??= controller;
    module.controllers.set(controller, place as never);
  }
}
