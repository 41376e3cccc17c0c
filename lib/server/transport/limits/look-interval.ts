/**
 * How often to look for what has taken too long: a quarter of the shortest timeout. It is found late by that
 * at the most.
 *
 * @param timeoutsMs 0 is none
 * @param range In ms: no more often, and no more rarely than that
 */
export function lookIntervalMs(
  timeoutsMs: readonly number[],
  [least, most]: readonly [least: number, most: number],
): number {
  const shortest = Math.min(...timeoutsMs.map((ms) => ms || Infinity));
  return Math.max(least, Math.min(most, shortest / 4));
}
