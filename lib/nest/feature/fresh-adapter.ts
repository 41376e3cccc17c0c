import type { AbstractHttpAdapter } from '@nestjs/core';
import { adapterClassesOf, ownFieldsOf, type AdapterClass } from '../internals/adapter-classes.js';
import { copyExpressSettings } from '../internals/express.js';
import { fastifyOptionsOf } from '../internals/fastify.js';

/** Told of what an adapter lacks that was made without its constructor. */
export type OnUncalled = (Adapter: AdapterClass) => void;

/**
 * An adapter of the same class as the application's, with the same settings and no routes.
 *
 * @param onUncalled Not told with Express, where what a constructor sets up is taken from the instance
 * @throws Error with what is needed where nobody can make one
 */
export function freshAdapter(
  adapter: AbstractHttpAdapter,
  onUncalled: OnUncalled,
): AbstractHttpAdapter {
  if (adapter.getType() === 'fastify') {
    const options = fastifyOptionsOf(adapter.getInstance());
    // One argument may be these options, as it is with Nest's own class.
    return construct(adapter, { args: [options], known: 1, onUncalled });
  }
  const fresh = construct(adapter, { args: [], known: 0 });
  if (adapter.getType() === 'express') {
    copyExpressSettings(adapter.getInstance(), fresh.getInstance());
  }
  return fresh;
}

/** What a constructor is called with. */
interface Construction {
  readonly args: readonly unknown[];
  /** How many arguments a constructor may need that is called. */
  readonly known: number;
  readonly onUncalled?: OnUncalled;
}

/**
 * A class of the user's may have a constructor that needs other arguments, which nobody knows any
 * more. It is not called then: the instance is made by the constructor of Nest's class. What the application's
 * adapter has by its arguments, the new one has as well.
 */
function construct(
  adapter: AbstractHttpAdapter,
  { args, known, onUncalled }: Construction,
): AbstractHttpAdapter {
  const classes = adapterClassesOf(adapter);
  const Adapter = adapter.constructor as AdapterClass;
  const { needed, takesSome } = parametersOf(classes);
  if (needed > 0 && hasPrivateMembers(classes)) throw cannotMake(Adapter);
  let failure: unknown;
  if (needed <= known) {
    try {
      const fresh = Reflect.construct(Adapter, args) as AbstractHttpAdapter;
      if (takesSome) takeFields(adapter, fresh);
      return fresh;
    } catch (error) {
      failure = error;
    }
  }
  const fresh = constructAsBase(classes, args);
  if (fresh === undefined || hasPrivateMembers(classes)) throw cannotMake(Adapter, failure);
  takeFields(adapter, fresh);
  onUncalled?.(Adapter);
  return fresh;
}

/** Of the constructor of the user's that is called first: a class may have none of its own. */
function parametersOf(classes: readonly AdapterClass[]): { needed: number; takesSome: boolean } {
  const ofUser = classes.slice(0, -1);
  const own = ofUser.find((one) => one.length > 0 || /\bconstructor\s*\(/.test(String(one)));
  if (own === undefined) return { needed: 0, takesSome: false };
  return { needed: own.length, takesSome: !/\bconstructor\s*\(\s*\)/.test(String(own)) };
}

/** By the nearest of the classes above it that can be made; its methods are those of its class. */
function constructAsBase(
  [Adapter, ...above]: readonly AdapterClass[],
  args: readonly unknown[],
): AbstractHttpAdapter | undefined {
  for (const Base of above) {
    if (Base.length > 0 && Base !== above.at(-1)) continue;
    try {
      return Reflect.construct(Base, args, Adapter as AdapterClass) as AbstractHttpAdapter;
    } catch {
      // This one needs arguments too.
    }
  }
  return undefined;
}

/** Not functions in the place of methods: they are made for the application's adapter. */
function takeFields(adapter: AbstractHttpAdapter, fresh: AbstractHttpAdapter): void {
  for (const key of ownFieldsOf(adapter)) {
    const value: unknown = Reflect.get(adapter, key);
    if (typeof value !== 'function' || !(key in fresh)) Reflect.set(fresh, key, value);
  }
}

/** They come with the constructor alone, and nobody else can read or set them. */
function hasPrivateMembers(classes: readonly AdapterClass[]): boolean {
  const pattern = /\bthis\.#|#[\w$]+ in\b|__classPrivateField/;
  return classes.slice(0, -1).some((one) => pattern.test(String(one)));
}

function cannotMake(Adapter: AdapterClass, cause?: unknown): Error {
  return new Error(
    `${Adapter.name} can't be made anew, as HttpPoolModule.forFeature does for each server that controllers ` +
      'are bound to: nobody knows the arguments of its constructor any more. Give its parameters default ' +
      'values; or declare its private members without #, to have those of the application taken over',
    { cause },
  );
}
