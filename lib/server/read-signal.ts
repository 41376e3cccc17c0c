import { describeValue } from '../config/redact.js';
import { ServerError } from '../errors/server.error.js';

/** One of another realm, or of a library, is as good. */
export function isSignal(value: unknown): value is AbortSignal {
  const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

/** What is wrong with the signal of some options, if anything. */
export function signalFault(options: { signal?: unknown }): ServerError | undefined {
  try {
    readSignal(options);
    return undefined;
  } catch (error) {
    return error as ServerError;
  }
}

/**
 * The signal of some options, which may be missing.
 *
 * @throws ServerError `ERR_SERVER_VALIDATE` for what is none
 */
export function readSignal(
  options: { signal?: unknown } | null | undefined,
): AbortSignal | undefined {
  const signal = options?.signal ?? undefined;
  if (signal === undefined || isSignal(signal)) return signal;
  const message = `got ${describeValue(signal)}, give an AbortSignal`;
  throw ServerError.forConfig([{ path: 'signal', message }]);
}
