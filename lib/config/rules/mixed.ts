import 'reflect-metadata';
import { getMetadataStorage } from 'class-validator';
import { keepRules } from './rule.js';
import type { Class } from './nested.rules.js';

type AllOf<Classes extends readonly Class[]> = Classes extends readonly [
  infer First extends Class,
  ...infer Rest extends readonly Class[],
]
  ? InstanceType<First> & AllOf<Rest>
  : object;

/**
 * A class with the fields and the rules of several, to extend: so a group of fields that stands flat
 * in a config is a class of its own. For fields with a rule of one value; nested ones are not carried
 * over.
 */
export function mixed<const Classes extends readonly Class[]>(
  ...classes: Classes
): new () => AllOf<Classes> {
  class Mixed {}
  const storage = getMetadataStorage();
  for (const each of classes) {
    keepRules(Mixed, each);
    for (const metadata of storage.getTargetValidationMetadatas(each, '', false, false)) {
      storage.addValidationMetadata(
        Object.assign(Object.create(metadata) as typeof metadata, { target: Mixed }),
      );
    }
  }
  return Mixed as new () => AllOf<Classes>;
}
