import { getMetadataStorage } from 'class-validator';
import { shapeOf, type Class, type FieldShape } from './rules/nested.rules.js';

/** The fields of a class and what stands in each, in the order of their declaration. */
export type Fields = ReadonlyMap<string, FieldShape>;

const cache = new WeakMap<Class, Fields>();

/** The decorated fields of a class: the keys that its configs may have. */
export function fieldsOf(type: Class): Fields {
  const known = cache.get(type);
  if (known) return known;
  const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const names = new Set(rules.map((metadata) => metadata.propertyName));
  const fields = new Map([...names].map((name) => [name, shapeOf(type, name)]));
  cache.set(type, fields);
  return fields;
}
