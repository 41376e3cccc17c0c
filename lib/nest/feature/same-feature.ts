import { types } from 'node:util';
import type { DynamicModule } from '@nestjs/common';
import { isPlainObject } from '../../config/record.js';
import type { PoolFeature } from './feature-options.js';

/** By the first of what is bound, and weakly: what was made for an application goes with it. */
const madeBefore = new WeakMap<object, readonly WeakRef<DynamicModule>[]>();
const optionsOf = new WeakMap<DynamicModule, PoolFeature>();

/**
 * One module for calls that ask for the same. Nest tells dynamic modules apart by object: the same
 * call in two modules would make every controller twice, and declare every route twice.
 */
export function sameFeature(options: PoolFeature, make: () => DynamicModule): DynamicModule {
  const [first] = [...options.controllers, ...options.modules];
  if (first === undefined) return make();
  const made = (madeBefore.get(first) ?? []).filter((each) => each.deref() !== undefined);
  for (const each of made) {
    const module = each.deref();
    const before = module && optionsOf.get(module);
    if (before && isSame(before, options)) return module;
  }
  const module = make();
  optionsOf.set(module, options);
  madeBefore.set(first, [...made, new WeakRef(module)]);
  return module;
}

/**
 * By content what the call writes down itself: its lists, and the records of its providers. All else, such as
 * the value of a provider, is the same only when it is the same object: it may be that of another application
 * of this process, that looks alike.
 */
function isSame(one: PoolFeature, other: PoolFeature): boolean {
  return (
    one.setup === other.setup &&
    one.inherit === other.inherit &&
    isSameList(one.servers, other.servers, Object.is) &&
    isSameList(one.controllers, other.controllers, Object.is) &&
    isSameList(one.modules, other.modules, Object.is) &&
    isSameList(one.imports, other.imports, Object.is) &&
    isSameList(one.providers, other.providers, isSameRecord) &&
    isSameList(one.exports, other.exports, isSameRecord)
  );
}

function isSameList(
  one: readonly unknown[],
  other: readonly unknown[],
  isSameEntry: (one: unknown, other: unknown) => boolean,
): boolean {
  return one.length === other.length && one.every((entry, at) => isSameEntry(entry, other[at]));
}

/** Calls nothing of the user's: neither a getter nor what a proxy has for one. */
function isSameRecord(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (!isWrittenDown(one) || !isWrittenDown(other)) return false;
  const keys = new Set([...Reflect.ownKeys(one), ...Reflect.ownKeys(other)]);
  return [...keys].every((key) => {
    const [mine, theirs] = [one, other].map((each) => Object.getOwnPropertyDescriptor(each, key));
    if (mine === undefined || theirs === undefined || !('value' in mine && 'value' in theirs)) {
      return false;
    }
    const [value, another] = [mine.value as unknown, theirs.value as unknown];
    if (key !== 'inject' || !isList(value) || !isList(another)) return Object.is(value, another);
    return isSameList(value, another, isSameRecord);
  });
}

function isWrittenDown(value: unknown): value is object {
  return !types.isProxy(value) && isPlainObject(value);
}

function isList(value: unknown): value is unknown[] {
  return !types.isProxy(value) && Array.isArray(value);
}
