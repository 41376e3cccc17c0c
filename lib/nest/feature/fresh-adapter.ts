import type { AbstractHttpAdapter } from '@nestjs/core';
import { adapterClassesOf, ownFieldsOf, type AdapterClass } from '../internals/adapter-classes.js';
import { copyExpressSettings } from '../internals/express.js';
import { fastifyOptionsOf } from '../internals/fastify.js';

const PASSED_ON = /\bconstructor\s*\(\s*([\w$]+)\s*\)\s*\{\s*super\(\s*\1\b([^]*)$/;

/** Called when an adapter was made without the constructor of its class. */
type OnUncalled = (Adapter: AdapterClass) => void;

/**
 * An adapter of the same class as the application's, with the same settings and no routes.
 *
 * @param onUncalled Not called with Express, where what a constructor sets up is taken from the instance
 * @throws Error when none can be made, with what would be needed
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
  const isPassedOn = needed === 1 && passesOn(classes);
  if (needed > 0 && !isPassedOn && hasPrivateMembers(classes)) throw cannotMake(Adapter);
  let failure: unknown;
  if (needed <= known || isPassedOn) {
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

/** The first of the user's classes that has a constructor of its own. */
function constructing(classes: readonly AdapterClass[]): AdapterClass | undefined {
  const ofUser = classes.slice(0, -1);
  return ofUser.find((one) => one.length > 0 || /\bconstructor\s*\(/.test(String(one)));
}

function parametersOf(classes: readonly AdapterClass[]): { needed: number; takesSome: boolean } {
  const own = constructing(classes);
  if (own === undefined) return { needed: 0, takesSome: false };
  return { needed: own.length, takesSome: !/\bconstructor\s*\(\s*\)/.test(String(own)) };
}

/** Whether its constructor only passes its argument on to Nest's class, which has a default for it. */
function passesOn(classes: readonly AdapterClass[]): boolean {
  const own = constructing(classes);
  if (own === undefined || own !== classes.at(-2)) return false;
  const [, name = '', rest = ''] = PASSED_ON.exec(String(own)) ?? [];
  return name !== '' && !rest.split(/[^\w$]+/).includes(name);
}

/** Calls the constructor of the nearest class above that needs no arguments; the methods are the user's. */
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

/**
 * Copies fields. A function that stands in for a method was made for the application's adapter, and is left
 * out. A field that holds the adapter itself, or its instance, gets those of the new one.
 */
function takeFields(adapter: AbstractHttpAdapter, fresh: AbstractHttpAdapter): void {
  const instance: unknown = adapter.getInstance();
  for (const key of ownFieldsOf(adapter)) {
    const value: unknown = Reflect.get(adapter, key);
    if (value === adapter) Reflect.set(fresh, key, fresh);
    else if (value === instance) Reflect.set(fresh, key, fresh.getInstance());
    else if (typeof value !== 'function' || !(key in fresh)) Reflect.set(fresh, key, value);
  }
}

/** Only the constructor makes private members, and nobody else can copy them. */
function hasPrivateMembers(classes: readonly AdapterClass[]): boolean {
  // As they are written, which need not be behind `this`, and as TypeScript, Babel, SWC and esbuild write
  // them for older targets.
  const pattern = /\.#[\w$]|#[\w$]+ in\b|_class_?private_?|\b__private[A-Z]/i;
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
