import { copyList } from '../../config/input/copy-data.js';
import { unreadable } from '../../config/input/copy-report.js';
import { unknownKey } from '../../config/nearest-key.js';
import { describeValue } from '../../config/redact.js';

/** What is wrong with the value of an option, each fault with its key path. */
export type OptionRule = (value: unknown, path: string) => readonly string[];

/** The options that there are, and what each may be. */
export type OptionRules<Key extends string> = Readonly<Record<Key, OptionRule>>;

export interface ReadOptions<Key extends string> {
  /** What is given; lists are copies. */
  readonly values: { readonly [Each in Key]?: unknown };
  /** What is wrong with it, along with the keys that are not known. */
  readonly faults: readonly string[];
}

export const isFunction = (value: unknown): boolean => typeof value === 'function';
export const isBoolean = (value: unknown): boolean => typeof value === 'boolean';

/** A rule by a test. */
export function must(isRight: (value: unknown) => boolean, give: string): OptionRule {
  return (value, path) => (isRight(value) ? [] : [fault(value, path, give)]);
}

/** A rule for a list, each entry by a test. */
export function listOf(
  isRight: (value: unknown) => boolean,
  give: { readonly list: string; readonly entry: string },
): OptionRule {
  const entry = must(isRight, give.entry);
  return (value, path) =>
    Array.isArray(value)
      ? value.flatMap((each, at) => entry(each, `${path}[${at}]`))
      : [fault(value, path, give.list)];
}

/** What is wrong with a value that is to be another one. */
export function fault(value: unknown, path: string, give: string): string {
  return `${path}: got ${describeValue(value)}, give ${give}`;
}

/**
 * Reads options by their keys, which may be those of a class. Each value is read once: a getter, or a proxy,
 * may throw. Undefined counts as left out.
 */
export function readOptions<Key extends string>(
  input: Readonly<Record<string, unknown>>,
  rules: OptionRules<Key>,
): ReadOptions<Key> {
  const known = Object.keys(rules);
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const key of new Set([...known, ...keysOf(input, faults)])) {
    try {
      const value = input[key];
      if (value === undefined) continue;
      if (Object.hasOwn(rules, key)) {
        values[key] = Array.isArray(value) ? copyList(value) : value;
        faults.push(...rules[key as Key](values[key], key));
      } else faults.push(unknownKey(key, known));
    } catch (error) {
      faults.push(`${key}: ${unreadable(error)}`);
    }
  }
  return { values: values as ReadOptions<Key>['values'], faults };
}

function keysOf(input: object, faults: string[]): string[] {
  try {
    return Object.keys(input);
  } catch (error) {
    faults.push(`the options: ${unreadable(error)}`);
    return [];
  }
}
