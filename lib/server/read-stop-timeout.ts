import { notADuration, parseDuration, type Duration } from '../config/duration.js';
import { ServerError } from '../errors/server.error.js';

/** The `timeout` of a stop, in ms; throws for what is no duration. */
export function readStopTimeout(timeout: Duration | null | undefined): number | undefined {
  if (timeout === undefined || timeout === null) return undefined;
  const ms = parseDuration(timeout);
  if (ms !== undefined) return ms;
  throw ServerError.forConfig([{ path: 'timeout', message: notADuration(timeout) }]);
}
