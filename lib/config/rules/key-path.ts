import { quote } from '../redact.js';

/** The path of a key within the object at a path. */
export function joinPath(path: string, key: string): string {
  if (!/^[\w$-]{1,64}$/.test(key)) return `${path}[${quote(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
