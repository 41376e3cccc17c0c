import { sealedKeysOf } from '../../config/input/sealed.js';
import { isPlainObject, isRecord } from '../../config/record.js';

type Fields = Readonly<Record<string, unknown>>;

const nothing: Fields = Object.freeze({});

/**
 * Whether options say by value what a validated config says already, so that they need not be read
 * again: of a thousand servers one has changed. What the pool's defaults fill in counts as said.
 * Nothing is made for it: it is asked of every server of every list.
 */
export function sameOptions(given: unknown, config: object, defaults: unknown): boolean {
  try {
    return isPlain(given) && sameFields(given, config as Fields, defaults);
  } catch {
    // A getter of the user's threw: whoever reads the options properly will tell.
    return false;
  }
}

function sameFields(given: Fields, config: Fields, defaults: unknown): boolean {
  // Data of the user's, which a copy leaves plain, is taken whole as lists are.
  const fill = isPlain(defaults) && !isPlain(config) ? defaults : nothing;
  for (const key in given) {
    if (!sameValue(given[key], config[key], fill[key])) return false;
  }
  for (const key in fill) {
    if (given[key] === undefined && !sameValue(fill[key], config[key])) return false;
  }
  for (const key in config) {
    if (isLeftOut(key, given, fill) && config[key] !== undefined) return false;
  }
  // A config does not show its secrets among its keys.
  return !sealedKeysOf(config).some((key) => isLeftOut(key, given, fill));
}

function isLeftOut(key: string, given: Fields, fill: Fields): boolean {
  return given[key] === undefined && fill[key] === undefined;
}

function sameValue(given: unknown, config: unknown, fill?: unknown): boolean {
  const said = given === undefined ? fill : given;
  if (Object.is(said, config)) return true;
  if (Array.isArray(said)) return Array.isArray(config) && sameItems(said, config);
  return isPlain(said) && isRecord(config) && sameFields(said, config, fill);
}

function sameItems(given: readonly unknown[], config: readonly unknown[]): boolean {
  return (
    given.length === config.length && given.every((item, index) => sameValue(item, config[index]))
  );
}

/** What has a tag, such as the namespace of a module, are no options to who reads them. */
function isPlain(value: unknown): value is Fields {
  return isPlainObject(value) && !(Symbol.toStringTag in value);
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
