import type { INestApplication } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';

/** What is of the whole application: hooks would be called, and signals heard, once for each server. */
const OF_THE_WHOLE = new Set<string | symbol>([
  'init',
  'listen',
  'close',
  'enableShutdownHooks',
  'connectMicroservice',
  'startAllMicroservices',
]);

/**
 * The application of one server for its users to set up. As with the one that `NestFactory` makes,
 * what its adapter can do (`useStaticAssets`, `register`) is done by it.
 */
export function serverFacade(
  application: INestApplication,
  adapter: AbstractHttpAdapter,
): INestApplication {
  const facade: INestApplication = new Proxy(application, {
    get(target, key) {
      if (OF_THE_WHOLE.has(key)) return () => refuse(String(key));
      const owner: object = key in target || !(key in adapter) ? target : adapter;
      const value: unknown = Reflect.get(owner, key);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(value, owner, args);
        return result === target ? facade : result;
      };
    },
  });
  return facade;
}

function refuse(method: string): never {
  throw new Error(
    `${method}() was called on the application of one server: call it on the one that ` +
      'NestFactory.create made, with which this one starts and closes',
  );
}
