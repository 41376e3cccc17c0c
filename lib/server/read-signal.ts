import { readCallOptions, refusedOption } from '../config/input/call-options.js';
import { describeValue } from '../config/redact.js';
import type { ServerError } from '../errors/server.error.js';

/** One of another realm, or of a library, is as good; what can't be asked is none. */
export function isSignal(value: unknown): value is AbortSignal {
  try {
    const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>;
    return typeof aborted === 'boolean' && typeof addEventListener === 'function';
  } catch {
    return false;
  }
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
  const { signal } = readCallOptions(options, ['signal'], refusedOption);
  if (signal === undefined || isSignal(signal)) return signal;
  throw refusedOption('signal', `got ${describeValue(signal)}, give an AbortSignal`);
}
