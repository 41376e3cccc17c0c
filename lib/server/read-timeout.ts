import { notADuration, parseDuration, type Duration } from '../config/duration.js';
import { ServerError } from '../errors/server.error.js';

/** A duration in ms; throws for one that is none. */
export function readTimeout(timeout: Duration | null | undefined): number | undefined {
  if (timeout === undefined || timeout === null) return undefined;
  const ms = parseDuration(timeout);
  if (ms !== undefined) return ms;
  throw ServerError.forConfig([{ path: 'timeout', message: notADuration(timeout) }]);
}
