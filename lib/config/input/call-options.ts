import { ServerError } from '../../errors/server.error.js';
import { notADuration, parseDuration } from '../duration.js';
import { unknownKey } from '../nearest-key.js';
import { isGiven } from '../record.js';
import { describeValue } from '../redact.js';
import { joinPath } from '../rules/key-path.js';
import { isSignal, notASignal } from './abort-signal.js';
import { unreadable } from './copy-report.js';

/**
 * Of these, null is treated as an error, not as left out: without handlers a server answers nothing, and without
 * TLS it tells in clear text what was meant to be encrypted.
 */
const neverNull: ReadonlySet<string> = new Set(['handler', 'handlers', 'tls']);

/** Makes the error of a call of what is wrong with an option of it. */
type Refuse = (key: string, fault: string) => Error;

/**
 * The options of a call, each read once: they are the user's object, whose getters, or whose proxy,
 * may throw. Null counts as left out, but for handlers and a default TLS, where it is treated as an error. A key
 * that the call does not have is refused: what it was meant to be would not be done, and nobody be told.
 */
export function readCallOptions<T extends object, K extends keyof T & string>(
  options: T | null | undefined,
  keys: readonly K[],
  refuse: Refuse,
): { readonly [Key in K]: Exclude<T[Key], null> | undefined } {
  const read = {} as { [Key in K]: Exclude<T[Key], null> | undefined };
  if (options !== undefined && options !== null) refuseOthers(options, keys, refuse);
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

/** @throws what `refuse` makes for what is no object with fields, and for a key that is not known */
function refuseOthers(options: object, keys: readonly string[], refuse: Refuse): void {
  let unknown: string | undefined;
  let isObject = false;
  try {
    const kind = Object.prototype.toString.call(options);
    isObject = typeof options === 'object' && kind === '[object Object]';
    unknown = Object.keys(options).find((key) => !keys.includes(key) && isGiven(options, key));
  } catch (error) {
    throw refuse(keys[0] ?? 'options', unreadable(error));
  }
  if (!isObject) throw refuse('options', `got ${describeValue(options)}, give an object`);
  if (unknown === undefined) return;
  throw refuse(joinPath('', unknown), unknownKey(unknown, keys));
}

/** An option that is true or false; false where it is left out. */
export function booleanOption<K extends string>(
  options: { readonly [Key in K]?: unknown },
  key: K,
  refuse: Refuse,
): boolean {
  const value = options[key] ?? false;
  if (typeof value === 'boolean') return value;
  throw refuse(key, `got ${describeValue(value)}, give true or false`);
}

/**
 * The ms of an option that is a duration; undefined where it is left out.
 */
export function durationOption<K extends string>(
  options: { readonly [Key in K]?: unknown },
  key: K,
  refuse: Refuse,
): number | undefined {
  const value = options[key];
  if (value === undefined) return undefined;
  const ms = parseDuration(value);
  if (ms === undefined) throw refuse(key, notADuration(value));
  return ms;
}

/** An option that is a signal; undefined where it is left out. */
export function signalOption(
  { signal }: { readonly signal?: unknown },
  refuse: Refuse,
): AbortSignal | undefined {
  if (signal === undefined || isSignal(signal)) return signal;
  throw refuse('signal', notASignal(signal));
}

/** The error of a call of a server that was given such an option. */
export function refusedOption(path: string, message: string): ServerError {
  return ServerError.forConfig([{ path, message }]);
}
