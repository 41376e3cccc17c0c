import { types } from 'node:util';
import { printable } from '../errors/printable.js';

const MAX_SHOWN = 80;

// PEM text, the same in base64, and the DER of a key or certificate, which is a SEQUENCE, in base64 or as hex digits.
const KEY_MATERIAL =
  /-----BEGIN|PRIVATE KEY|^\s*(?:LS0tLS1CRUdJTi|M[A-P][\w+/-]{28}|30[2-8][\da-fA-F]{37})/;
// A password that was cut off has no '@' after it.
const URL_CREDENTIALS = /(\/\/)[^/@\s]*:[^/\s]*(?:@|…$)/g;

/** Whether a text is key material and must not be shown. */
export function looksSecret(text: string): boolean {
  return KEY_MATERIAL.test(text);
}

/** As keys and tokens have it in any form, and names and paths hardly do. */
const LONG_WORD = /[A-Za-z0-9+=]{40}/;

/** The same in base64url, as a JWK has it; names of files have its marks, too, and are mostly of one case. */
const LONG_URL_WORD = /[\w-]{40,}/g;

/** Of capitals and of small letters: 43 characters of a key have fewer in one of a hundred thousand. */
const LEAST_OF_A_CASE = 5;

/** Whether there may be key material anywhere in a text that others wrote, such as a path or a message. */
export function mayHoldKey(text: string): boolean {
  return (
    looksSecret(text) || LONG_WORD.test(text) || text.match(LONG_URL_WORD)?.some(isMixed) === true
  );
}

function isMixed(word: string): boolean {
  const [capitals, small] = [/[A-Z]/g, /[a-z]/g].map((letters) => word.match(letters)?.length ?? 0);
  return Math.min(capitals!, small!) >= LEAST_OF_A_CASE;
}

/** The message of an error of others, such as a getter's, unless there may be key material in it. */
export function shownReason(message: string, show = (text: string): string => text): string {
  return mayHoldKey(message) ? 'its error may hold a key (hidden)' : show(message);
}

/** An error with more in it, such as one that has a socket, is not looked through. */
const MOST_PARTS = 2_000;

/**
 * Whether an error can be shown whole: a key may stand in the one that led to it, in one of several, or in a property.
 * What is no error, such as options, tells nothing that its type does not. Never throws.
 */
export function isWithoutKey(error: unknown): boolean {
  if (!isError(error)) return false;
  const parts = new Set<unknown>([error]);
  try {
    // It goes on with what is added meanwhile.
    for (const part of parts) {
      if (parts.size > MOST_PARTS || ArrayBuffer.isView(part)) return false;
      if (typeof part === 'string' && mayHoldKey(part)) return false;
      if (typeof part === 'object' && part !== null) addPartsOf(part, parts);
    }
    return true;
  } catch {
    return false;
  }
}

/** Also one of another realm, as a test runner has them. */
function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/** Runs no getter. */
function addPartsOf(whole: object, parts: Set<unknown>): void {
  if (isError(whole)) parts.add(whole.stack);
  if (whole instanceof Map || whole instanceof Set) for (const item of whole) parts.add(item);
  for (const key of Reflect.ownKeys(whole)) {
    parts.add(key).add(Object.getOwnPropertyDescriptor(whole, key)?.value);
  }
}

/** Certificates in PEM, which anybody may see. */
const CERTIFICATES = /-----BEGIN (?:[A-Z0-9]+ )?CERTIFICATE-----[^-]*-----END [A-Z0-9 ]+-----/g;

/** Whether a text, or one of a list, is key material, or has some beside its certificates. */
export function holdsKey(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsKey);
  return typeof value === 'string' && looksSecret(value.replace(CERTIFICATES, ''));
}

/**
 * A text in quotes, fit for one line of a log: cut when long, control characters escaped, key
 * material and the credentials of URLs hidden.
 */
export function quote(text: string): string {
  if (looksSecret(text)) return 'PEM text (hidden)';
  const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
  return `'${printable(cut.replace(URL_CREDENTIALS, '$1(hidden)@'))}'`;
}

/**
 * What was given, for an error message: its type, and its value unless it may be secret. Never
 * throws and never runs code of the value.
 */
export function describeValue(value: unknown, options: { secret?: boolean } = {}): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'object') return describeObject(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (options.secret) return `a ${typeof value} (hidden)`;
  if (typeof value !== 'string') {
    return `the ${typeof value} ${String(value as number | bigint | boolean).slice(0, MAX_SHOWN)}`;
  }
  if (value === '') return 'an empty string';
  return looksSecret(value) ? quote(value) : `the string ${quote(value)}`;
}

function describeObject(value: object): string {
  try {
    if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
    if (Buffer.isBuffer(value)) return 'a Buffer';
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    return tag === 'Object'
      ? 'an object'
      : `an object of type ${printable(tag.slice(0, MAX_SHOWN))}`;
  } catch {
    return 'an object that cannot be read';
  }
}
