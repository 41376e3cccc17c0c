import type { Type } from '@nestjs/common';
import type { ModulesContainer, NestContainer } from '@nestjs/core';
import { moduleOf, type ControllerWrappers, type NestModuleRef } from '../internals/nest.js';
import { featuresOf } from './feature-module.js';
import type { PoolFeature } from './feature-options.js';

/**
 * Which controllers are served by which servers, and so not by the application: those given to
 * `forFeature`, and all that the modules given to it declare.
 */
export class BoundControllers {
  /** The servers by the module and the controller in it. */
  private readonly bound = new Map<NestModuleRef, Map<unknown, Set<string>>>();

  private constructor(
    readonly modules: ModulesContainer,
    readonly features: ReadonlyMap<string, PoolFeature>,
  ) {}

  static async in(container: NestContainer, modules: ModulesContainer): Promise<BoundControllers> {
    const found = new BoundControllers(modules, featuresOf(modules));
    for (const [key, feature] of found.features) {
      found.add(modules.get(key), feature.controllers, feature);
      for (const entry of feature.modules) {
        const module = await moduleOf(container, entry);
        found.add(module, module?.controllers.keys() ?? [], feature);
      }
    }
    return found;
  }

  /** The names of the servers that something is bound to. */
  get servers(): ReadonlySet<string> {
    return new Set([...this.features.values()].flatMap(({ servers }) => servers));
  }

  /** The modules with such controllers. */
  get hosts(): Iterable<NestModuleRef> {
    return this.bound.keys();
  }

  /** What was asked for a server. */
  featuresOf(server: string): PoolFeature[] {
    return [...this.features.values()].filter(({ servers }) => servers.includes(server));
  }

  /** The controllers of a module that the application serves. */
  ofApplication(module: NestModuleRef): ControllerWrappers {
    return this.filtered(module, (servers) => servers === undefined);
  }

  /** The controllers of a module that no server but the named ones serves. */
  notOfApplication(module: NestModuleRef): ControllerWrappers {
    return this.filtered(module, (servers) => servers !== undefined);
  }

  /**
   * The controllers of a server, by their module. One that two modules declare is served once: its
   * routes would be declared twice.
   */
  ofServer(server: string): Map<NestModuleRef, ControllerWrappers> {
    const seen = new Set<unknown>();
    const found = new Map<NestModuleRef, ControllerWrappers>();
    for (const module of this.hosts) {
      const wrappers = this.filtered(module, (servers, controller) => {
        if (!servers?.has(server) || seen.has(controller)) return false;
        seen.add(controller);
        return true;
      });
      found.set(module, wrappers);
    }
    return found;
  }

  /** Whether the application serves the controller: nothing binds it, or not in every module. */
  isServedByApplication(controller: Type): boolean {
    const hosts = [...this.hosts].filter((module) => this.bound.get(module)?.has(controller));
    if (hosts.length === 0) return true;
    return [...this.modules.values()].some(
      (module) => module.controllers.has(controller) && !hosts.includes(module),
    );
  }

  private add(
    module: NestModuleRef | undefined,
    controllers: Iterable<unknown>,
    { servers }: PoolFeature,
  ): void {
    if (module === undefined) return;
    const bound = this.bound.get(module) ?? new Map<unknown, Set<string>>();
    for (const controller of controllers) {
      bound.set(controller, new Set([...(bound.get(controller) ?? []), ...servers]));
    }
    this.bound.set(module, bound);
  }

  private filtered(
    module: NestModuleRef,
    accept: (servers: ReadonlySet<string> | undefined, controller: unknown) => boolean,
  ): ControllerWrappers {
    const bound = this.bound.get(module);
    const entries = [...module.controllers].filter(([controller]) =>
      accept(bound?.get(controller), controller),
    );
    return new Map(entries);
  }
}
