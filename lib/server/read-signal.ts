import { readCallOptions, refusedOption, signalOption } from '../config/input/call-options.js';
import type { ServerError } from '../errors/server.error.js';

/** What is wrong with the signal of some options, if anything. */
export function signalFault(options: { signal?: unknown }): ServerError | undefined {
  try {
    checkedSignal(options.signal ?? undefined);
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
  return checkedSignal(signal);
}

/** @throws ServerError `ERR_SERVER_VALIDATE` for what is none */
export function checkedSignal(signal: unknown): AbortSignal | undefined {
  return signalOption({ signal }, refusedOption);
}
