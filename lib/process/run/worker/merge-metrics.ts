import { aggregatorOf, FAMILIES, type FamilyKey } from '../../../metrics/families.js';
import { MERGE } from '../../../metrics/merge.js';
import { add, Exposition, labelOf, type Merge, type MergeOf } from '../whole/exposition.js';
import { counters } from '../whole/sum-counters.js';

/** What becomes of the pool's own metrics, by their names. */
const ofThePool: ReadonlyMap<string, Merge> = new Map(
  (Object.keys(FAMILIES) as FamilyKey[]).map((key) => [
    FAMILIES[key].name,
    MERGE[aggregatorOf(key)],
  ]),
);

/**
 * Gauges of others whose sum over processes means nothing. The first that fits holds; all others are summed,
 * as prom-client does of a cluster.
 */
const ofOthers: readonly (readonly [RegExp, Merge])[] = [
  [/(_up|_not_after_seconds|_successful|_start_time_seconds)$/, Math.min],
  [/(_state|_uptime_seconds|_info|_max_fds)$|_lag_/, Math.max],
];

/**
 * One exposition out of those of several processes.
 *
 * @param former What processes had counted that have left, or leave
 */
export function mergeMetrics(expositions: readonly string[], former = ''): string {
  const merged = new Exposition();
  for (const exposition of expositions) merged.add(exposition, present);
  const servers = merged.labelValues('server');
  // The series of a server that the application has no more leave with it.
  return String(
    merged.add(former, (family, series) => {
      const server = labelOf(series, 'server');
      return server === undefined || servers.has(server) ? counters(family, series) : undefined;
    }),
  );
}

const present: MergeOf = ({ type }, series) => {
  const [name = ''] = series.split('{');
  if (type !== 'gauge') return add;
  return ofThePool.get(name) ?? ofOthers.find(([pattern]) => pattern.test(name))?.[1] ?? add;
};
