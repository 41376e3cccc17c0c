import { sealedKeysOf } from '../../config/input/sealed.js';
import { isPlainObject, isRecord } from '../../config/record.js';

type Fields = Readonly<Record<string, unknown>>;

const nothing: Fields = Object.freeze({});

/**
 * Whether options say by value what a validated config says already, so that they need not be read
 * again: of a thousand servers one has changed. What the pool's defaults fill in counts as said.
 * Nothing is made for it: it is asked of every server of every list.
 */
export function sameOptions(options: unknown, config: object, defaults: unknown): boolean {
  try {
    return isPlain(options) && sameFields(options, config as Fields, defaults);
  } catch {
    // A getter of the user's threw: whoever reads the options properly will tell.
    return false;
  }
}

function sameFields(options: Fields, config: Fields, defaults: unknown): boolean {
  // Data of the user's, which a copy leaves plain, is taken whole as lists are.
  const fill = isPlain(defaults) && !isPlain(config) ? defaults : nothing;
  for (const key in options) {
    if (!sameValue(options[key], config[key], fill[key])) return false;
  }
  for (const key in fill) {
    if (options[key] === undefined && !sameValue(fill[key], config[key])) return false;
  }
  for (const key in config) {
    if (isLeftOut(key, options, fill) && config[key] !== undefined) return false;
  }
  // A config does not show its secrets among its keys.
  return !sealedKeysOf(config).some((key) => isLeftOut(key, options, fill));
}

function isLeftOut(key: string, options: Fields, fill: Fields): boolean {
  return options[key] === undefined && fill[key] === undefined;
}

function sameValue(value: unknown, config: unknown, fill?: unknown): boolean {
  const said = value === undefined ? fill : value;
  if (Object.is(said, config)) return true;
  if (Array.isArray(said)) return Array.isArray(config) && sameItems(said, config);
  return isPlain(said) && isRecord(config) && sameFields(said, config, fill);
}

function sameItems(items: readonly unknown[], config: readonly unknown[]): boolean {
  return (
    items.length === config.length && items.every((item, index) => sameValue(item, config[index]))
  );
}

/** What has a tag, such as the namespace of a module, are no options to who reads them. */
function isPlain(value: unknown): value is Fields {
  return isPlainObject(value) && !(Symbol.toStringTag in value);
}

/** The name that options give, whatever they are. */
export function nameOf(options: unknown): string | undefined {
  try {
    const { name } = options as { name?: unknown };
    return typeof name === 'string' ? name : undefined;
  } catch {
    return undefined;
  }
}
