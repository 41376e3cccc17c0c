import { parseDuration } from '../config/duration.js';

/**
 * A duration of the command line: with units, or a whole number of milliseconds, as the options of a server
 * take it.
 *
 * @param flag As it is written, such as `--stop-timeout`
 * @param faults Gets a line for what is none
 */
export function readDurationArgument(
  flag: string,
  text: string,
  faults: string[],
  { aboveZero = false }: { aboveZero?: boolean } = {},
): number {
  const ms = parseDuration(/^\d+$/.test(text) ? Number(text) : text);
  const right = 'give a duration such as 500ms, 30s or 1m30s';
  if (ms === undefined) faults.push(`${flag}: got '${text}', ${right}`);
  else if (aboveZero && ms === 0) faults.push(`${flag}: must be above 0, got '${text}'`);
  return ms ?? 0;
}
