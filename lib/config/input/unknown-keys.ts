import type { CopyReport } from './copy-report.js';
import { fieldsOf } from '../rules/nested.rules.js';
import { joinPath } from '../rules/key-path.js';
import { unknownKey } from '../nearest-key.js';
import { isGiven } from '../record.js';
import type { Class } from '../rules/nested.rules.js';

/** Refuses the keys that a class does not have, and names the one that was probably meant. */
export function reportUnknownKeys(
  type: Class,
  source: { value: object; inherited: boolean },
  path: string,
  report: CopyReport,
): void {
  const fields = fieldsOf(type);
  for (const key of Object.keys(source.value)) {
    if (fields.has(key) || !isGiven(source.value, key)) continue;
    if (isOfSubclass(source.value, type, key)) continue;
    const at = joinPath(path, key);
    if (source.inherited) report.inherit(at);
    report.fault(at, unknownKey(key, [...fields.keys()]));
  }
}

/** An application may extend a config class by decorated fields of its own. */
function isOfSubclass(source: object, type: Class, key: string): boolean {
  if (!(source instanceof type)) return false;
  // Not `source.constructor`, which the user's data may have as a key.
  const { constructor } = Object.getPrototypeOf(source) as { constructor: Class };
  return fieldsOf(constructor).has(key);
}
