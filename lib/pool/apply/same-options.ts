import { isPlainObject, isRecord } from '../../config/record.js';

/**
 * Whether options say by value what a validated config says already, so that they need not be read
 * again: of a thousand servers one has changed. What the pool's defaults fill in counts as said.
 */
export function sameOptions(given: unknown, config: unknown, defaults: unknown): boolean {
  try {
    return isSame(given, config, defaults);
  } catch {
    // A getter of the user's threw: whoever reads the options properly will tell.
    return false;
  }
}

function isSame(given: unknown, config: unknown, defaults: unknown): boolean {
  if (given === undefined) return sameValue(defaults, config);
  if (isPlain(given) && isRecord(config)) {
    const fill = isPlain(defaults) ? defaults : {};
    const isKnown = (key: string): boolean =>
      key in config || (given[key] ?? fill[key]) === undefined;
    const isSaid = (key: string): boolean => isSame(given[key], config[key], fill[key]);
    // A config does not show its secrets among its keys, and tells them when it is asked.
    const isKnownOrSaid = (key: string): boolean =>
      isKnown(key) && (Object.hasOwn(config, key) || isSaid(key));
    return (
      Object.keys(config).every(isSaid) &&
      Object.keys(given).every(isKnownOrSaid) &&
      Object.keys(fill).every(isKnownOrSaid)
    );
  }
  return sameValue(given, config);
}

function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  if (!isPlain(a) || !isRecord(b)) return false;
  const keys = Object.keys(a).concat(Object.keys(b).filter((key) => !(key in a)));
  return keys.every((key) => sameValue(a[key], b[key]));
}

/** A date, a map or an instance of somebody's class is more than its keys. */
function isPlain(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && isPlainObject(value);
}

/** The name that options give, whatever they are. */
export function nameOf(given: unknown): string | undefined {
  try {
    const { name } = given as { name?: unknown };
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}
