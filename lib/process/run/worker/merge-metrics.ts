import { add, Exposition, labelOf, type Merge, type MergeOf } from '../whole/exposition.js';
import { counters } from '../whole/sum-counters.js';

/**
 * Gauges whose sum over processes means nothing. The first that fits holds; all others are summed, as
 * prom-client does of a cluster.
 */
const gauges: readonly (readonly [RegExp, Merge])[] = [
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
  return (type === 'gauge' && gauges.find(([pattern]) => pattern.test(name))?.[1]) || add;
};
