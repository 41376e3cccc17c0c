import { isPlainObject } from '../record.js';

const MAX_DEPTH = 64;

/** Why a value can't be copied. */
export class CopyFault extends Error {}

/** The most entries a list of a config may have. */
const MAX_ENTRIES = 10_000;

/** The entries of a list; a length of millions is a mistake, and looping over it hangs the boot. */
export function copyList(list: readonly unknown[]): unknown[] {
  const { length } = list;
  if (length > MAX_ENTRIES)
    throw new CopyFault(`has ${length} entries, give at most ${MAX_ENTRIES}`);
  const entries: unknown[] = [];
  for (let index = 0; index < length; index += 1) entries.push(list[index]);
  return entries;
}

/**
 * A frozen copy of plain objects and lists, so that the user's own stay as they are; anything else
 * is kept as it is.
 *
 * @throws CopyFault when it holds itself
 */
export function copyData(value: unknown, parents: readonly unknown[] = []): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (parents.includes(value)) throw new CopyFault('holds itself, give data without cycles');
  if (parents.length > MAX_DEPTH) throw new CopyFault('is nested too deep');
  const within = [...parents, value];
  if (Array.isArray(value)) {
    return Object.freeze(copyList(value).map((item) => copyData(item, within)));
  }
  if (!isPlainObject(value)) return value;
  // fromEntries defines keys, where an assignment to '__proto__' would set the prototype.
  const entries = Object.entries(value).map(([key, item]) => [key, copyData(item, within)]);
  return Object.freeze(Object.fromEntries(entries) as object);
}
