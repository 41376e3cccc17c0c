import { AbstractHttpAdapter } from '@nestjs/core';

/*
 * What is believed of the adapters of Nest beyond their documents. Read from those of Nest 11.2 and 12.5;
 * `test/nest/internals.e2e-spec.ts` fails by name where a new version differs.
 */

/** The class of an adapter. */
export type AdapterClass = new (...args: unknown[]) => AbstractHttpAdapter;

/** The fields of Nest's own adapters, and those that they get while an application is set up. */
const OF_NEST = new Set([
  '_isParserRegistered',
  '_pathPrefix',
  'cookieSigner',
  'corsHook',
  'httpServer',
  'instance',
  'isClosing',
  'isMiddieRegistered',
  'isMultipartRequested',
  'isShuttingDown',
  'logger',
  'middieContexts',
  'multipartMode',
  'multipartOptions',
  'onRequestHook',
  'onResponseHook',
  'onRouteTriggered',
  'openConnections',
  'pendingMiddlewares',
  'registeredContentTypes',
  'registeredPrefixes',
  'return503OnClosing',
  'routerMethodFactory',
  'securityHook',
  'versionConstraint',
  'versionExtractorErrors',
  'versioningOptions',
]);

/** The fields that an adapter got from the user's classes. */
export function ownFieldsOf(adapter: object): string[] {
  return Object.keys(adapter).filter((key) => !OF_NEST.has(key));
}

/** The user's classes that an adapter is an instance of, the nearest first, and then Nest's. */
export function adapterClassesOf(adapter: AbstractHttpAdapter): AdapterClass[] {
  const classes: AdapterClass[] = [];
  let one = adapter.constructor as AdapterClass;
  while (one !== Function.prototype && !isAbstract(one)) {
    classes.push(one);
    one = Object.getPrototypeOf(one) as AdapterClass;
  }
  return classes;
}

/** By its name too, for an installation may have two copies of `@nestjs/core`. */
function isAbstract(one: { name: string }): boolean {
  return (one as unknown) === AbstractHttpAdapter || one.name === 'AbstractHttpAdapter';
}
