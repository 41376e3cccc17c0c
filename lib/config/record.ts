/**
 * Whether a value is an object with fields: a plain one or an instance of a class of the user's,
 * not a list, a function or one of the language's own kinds such as Map or Date. Never throws.
 */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return !Array.isArray(value) && Object.prototype.toString.call(value) === '[object Object]';
  } catch {
    return false;
  }
}

/** Whether a value is written down as an object, and no instance of a class: those are more than their keys. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether something is given for a key of an object: a value, or what may be asked for one. Calls no getter. */
export function isGiven(source: object, key: string): boolean {
  const property = Object.getOwnPropertyDescriptor(source, key);
  return property?.value !== undefined || property?.get !== undefined;
}
