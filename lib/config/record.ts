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
