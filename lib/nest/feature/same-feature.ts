import type { DynamicModule } from '@nestjs/common';
import { isPlainObject } from '../../config/record.js';
import type { HttpPoolFeatureOptions } from '../../http-pool.options.js';

interface Made {
  readonly options: HttpPoolFeatureOptions;
  readonly module: DynamicModule;
}

/** By the first of what is bound, so that what was made goes when those classes go. */
const madeBefore = new WeakMap<object, Made[]>();

/**
 * One module for calls that ask for the same. Nest tells dynamic modules apart by object: the same
 * call in two modules would make every controller twice, and declare every route twice.
 */
export function sameFeature(
  options: HttpPoolFeatureOptions,
  make: () => DynamicModule,
): DynamicModule {
  const [first] = [...(options.controllers ?? []), ...(options.modules ?? [])];
  if (first === undefined) return make();
  const made = madeBefore.get(first) ?? [];
  const same = made.find((one) => isSame(one.options, options));
  if (same) return same.module;
  const module = make();
  // A copy, for the caller may use his object again for another call.
  madeBefore.set(first, [...made, { options: { ...options }, module }]);
  return module;
}

/** By content for what is written down as data, by identity for classes, functions and instances. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, index) => isSame(value, other[index]));
  }
  if (!isPlainObject(one) || !isPlainObject(other)) return false;
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return keys.every((key) => isSame(one[key], other[key]));
}
