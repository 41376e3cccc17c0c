import { notADuration, parseDuration, type Duration } from '../config/duration.js';
import { readCallOptions, refusedOption } from '../config/input/call-options.js';

/**
 * The `timeout` of a stop, in ms.
 *
 * @throws ServerError `ERR_SERVER_VALIDATE` for what is no duration
 */
export function readStopTimeout(
  options: { timeout?: Duration | null | undefined } | null | undefined,
): number | undefined {
  const { timeout } = readCallOptions(options, ['timeout'], refusedOption);
  if (timeout === undefined) return undefined;
  const ms = parseDuration(timeout);
  if (ms !== undefined) return ms;
  throw refusedOption('timeout', notADuration(timeout));
}
