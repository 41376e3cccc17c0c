import type { AbstractHttpAdapter } from '@nestjs/core';
import { copyExpressSettings } from '../internals/express.js';
import { fastifyOptionsOf } from '../internals/fastify.js';

type AdapterClass = new (options?: unknown) => AbstractHttpAdapter;

/** An adapter of the same class as the application's, with the same settings and no routes. */
export function freshAdapter(adapter: AbstractHttpAdapter): AbstractHttpAdapter {
  const fresh = construct(adapter, argumentsFor(adapter));
  if (adapter.getType() === 'express') {
    copyExpressSettings(adapter.getInstance(), fresh.getInstance());
  }
  return fresh;
}

function argumentsFor(adapter: AbstractHttpAdapter): unknown[] {
  return adapter.getType() === 'fastify' ? [fastifyOptionsOf(adapter.getInstance())] : [];
}

/**
 * A class of the user's may have a constructor that takes other arguments, which nobody knows any
 * more. Where it fails, the instance is made by the constructor of the class that it extends, and
 * given what the application's adapter has beside that.
 *
 * @throws Error with what is needed where that does not do either
 */
function construct(adapter: AbstractHttpAdapter, args: readonly unknown[]): AbstractHttpAdapter {
  const Adapter = adapter.constructor as AdapterClass;
  try {
    return Reflect.construct(Adapter, args) as AbstractHttpAdapter;
  } catch (error) {
    const fresh = constructAsBase(Adapter, args);
    if (fresh === undefined) throw cannotMake(Adapter, error);
    for (const key of Reflect.ownKeys(adapter)) {
      if (!Object.hasOwn(fresh, key)) Reflect.set(fresh, key, Reflect.get(adapter, key));
    }
    return fresh;
  }
}

/** By the nearest of the classes above it that can be made; its methods are those of `Adapter`. */
function constructAsBase(
  Adapter: AdapterClass,
  args: readonly unknown[],
): AbstractHttpAdapter | undefined {
  let Base = Object.getPrototypeOf(Adapter) as AdapterClass;
  for (; Base !== Function.prototype; Base = Object.getPrototypeOf(Base) as AdapterClass) {
    try {
      const fresh = Reflect.construct(Base, args, Adapter) as AbstractHttpAdapter;
      if (fresh.getInstance() !== undefined) return fresh;
    } catch {
      // This one needs arguments too.
    }
  }
  return undefined;
}

function cannotMake(Adapter: AdapterClass, cause: unknown): Error {
  return new Error(
    `${Adapter.name} can't be made without arguments, and HttpPoolModule.forFeature makes one for each ` +
      'server that controllers are bound to: give the parameters of its constructor default values',
    { cause },
  );
}
