import type { Duration } from '../config/duration.js';
import { durationOption, readCallOptions, refusedOption } from '../config/input/call-options.js';

/**
 * The `timeout` of a stop, in ms.
 *
 * @throws ServerError `ERR_SERVER_VALIDATE` for what is no duration
 */
export function readStopTimeout(
  options: { timeout?: Duration | null | undefined } | null | undefined,
): number | undefined {
  const read = readCallOptions(options, ['timeout'], refusedOption);
  return durationOption(read, 'timeout', refusedOption);
}
