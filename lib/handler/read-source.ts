import { handlerKeyOf } from '../config/handler-key.js';
import { describeValue, quote } from '../config/redact.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import { messageOf } from '../errors/printable.js';
import {
  OPTIONAL_LISTENERS,
  type Handler,
  type HandlerEntry,
  type HandlerSource,
} from './handler.js';
import { isThenable, whenRejected } from './thenable.js';

/**
 * The entries of a source, by key.
 *
 * @throws PoolError `ERR_POOL_VALIDATE`, with what the source threw as its cause
 */
export function readSource(source: HandlerSource): Map<string, HandlerEntry> {
  try {
    return entriesOf(source);
  } catch (cause) {
    const message = `The handlers are not valid: ${messageOf(cause, describeValue)}`;
    throw new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, message, [], { cause });
  }
}

function entriesOf(source: unknown): Map<string, HandlerEntry> {
  if (typeof source !== 'function') {
    throw new TypeError(
      `handlers: got ${describeValue(source)}, give a function that returns request listeners by key`,
    );
  }
  const answer: unknown = (source as () => unknown)();
  if (!isByKey(answer)) {
    throw new TypeError(
      `handlers: the source must return an object of request listeners by key, got ${describeValue(answer)}`,
    );
  }
  const entries = new Map<string, HandlerEntry>();
  for (const [key, value] of Object.entries(answer)) {
    if (value === undefined) continue;
    if (!isEntry(value)) {
      throw new TypeError(
        `handlers[${quote(key)}]: expected a request listener, got ${describeValue(value)}`,
      );
    }
    if (typeof value === 'object') refuseWrongMembers(key, value);
    // `''` wins over `'default'` when a source has both: it is the key's canonical spelling.
    if (key === 'default' && entries.has('')) continue;
    entries.set(handlerKeyOf(key), value);
  }
  return entries;
}

/** A list, a `Map` and a promise hold theirs otherwise: nothing of them would ever serve. */
function isByKey(answer: unknown): answer is object {
  if (typeof answer !== 'object' || answer === null) return false;
  // `then` may be the key of a handler.
  if (isThenable(answer) && !Object.hasOwn(answer, 'then')) {
    // Of a source that is async. Nobody waits for it, and its failure would end the process.
    whenRejected(answer, () => undefined);
    return false;
  }
  return !(Symbol.iterator in answer);
}

/** One that is no function would fail only when the first client needs it. */
function refuseWrongMembers(key: string, handler: Handler): void {
  for (const member of OPTIONAL_LISTENERS) {
    const listener: unknown = handler[member];
    if (listener === undefined || typeof listener === 'function') continue;
    throw new TypeError(
      `handlers[${quote(key)}].${member}: expected a function, got ${describeValue(listener)}`,
    );
  }
}

function isEntry(value: unknown): value is HandlerEntry {
  if (typeof value === 'function') return true;
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { request?: unknown }).request === 'function'
  );
}
