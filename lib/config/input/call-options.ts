import { ServerError } from '../../errors/server.error.js';
import { notADuration, parseDuration } from '../duration.js';
import { unreadable } from './copy-report.js';

/**
 * Of these, null is treated as an error, not as left out: without handlers a server answers nothing, and without
 * TLS it tells in clear text what was meant to be encrypted.
 */
const neverNull: ReadonlySet<string> = new Set(['handler', 'handlers', 'tls']);

/**
 * The options of a call, each read once: they are the user's object, whose getters, or whose proxy,
 * may throw. Null counts as left out, but for handlers and a default TLS, where it is treated as an error.
 *
 * @param refuse Makes the error of the call of what is wrong with an option
 */
export function readCallOptions<T extends object, K extends keyof T & string>(
  options: T | null | undefined,
  keys: readonly K[],
  refuse: (key: K, fault: string) => Error,
): { readonly [Key in K]: Exclude<T[Key], null> | undefined } {
  const read = {} as { [Key in K]: Exclude<T[Key], null> | undefined };
  for (const key of keys) {
    try {
      const value = options?.[key];
      const isLeftOut = value === null && !neverNull.has(key);
      read[key] = (isLeftOut ? undefined : value) as Exclude<T[K], null> | undefined;
    } catch (error) {
      throw refuse(key, unreadable(error));
    }
  }
  return read;
}

/**
 * The ms of an option that is a duration; undefined where it is left out.
 *
 * @param refuse Makes the error of the call for what is none
 */
export function durationOption<K extends string>(
  options: { readonly [Key in K]?: unknown },
  key: K,
  refuse: (key: K, fault: string) => Error,
): number | undefined {
  const value = options[key];
  if (value === undefined) return undefined;
  const ms = parseDuration(value);
  if (ms === undefined) throw refuse(key, notADuration(value));
  return ms;
}

/** The error of a call of a server that was given such an option. */
export function refusedOption(path: string, message: string): ServerError {
  return ServerError.forConfig([{ path, message }]);
}
