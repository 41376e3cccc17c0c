import type { ModuleRef, ModulesContainer, NestContainer } from '@nestjs/core';

/**
 * What is not of Nest's documented surface, and is used all the same. Read from `@nestjs/core`
 * 11.2.10 and 12.5.1; `test/nest/internals.e2e-spec.ts` fails by name where a new version
 * differs.
 */

/** A module as Nest's container holds it. */
export type NestModuleRef = ModulesContainer extends Map<string, infer Module> ? Module : never;

/** What a module files its controllers under. */
export type ControllerWrappers = NestModuleRef['controllers'];

/** One controller of a module: its class, its instance, and whether it is made for each request. */
export type ControllerWrapper =
  ControllerWrappers extends Map<unknown, infer Wrapper> ? Wrapper : never;

/** Nest's container, which no provider gives. */
export function containerOf(moduleRef: ModuleRef): NestContainer {
  const { container } = moduleRef as unknown as { container?: NestContainer };
  if (typeof container?.getModules === 'function') return container;
  throw unfamiliar('the container of a ModuleRef');
}

/** The adapter of a middleware consumer: not of its interface, but of what Nest passes. */
export function adapterOf(consumer: object): unknown {
  const { getHttpAdapter } = consumer as { getHttpAdapter?: () => unknown };
  if (typeof getHttpAdapter === 'function') return Reflect.apply(getHttpAdapter, consumer, []);
  throw unfamiliar('the adapter of a MiddlewareConsumer');
}

function unfamiliar(what: string): Error {
  return new Error(`nestjs-http-pool does not know this version of @nestjs/core: it lacks ${what}`);
}
