import { add, Exposition, type Merge, type MergeOf } from './exposition.js';

/** What only ever grows while a process lives: counters, histograms, and the counts of summaries. */
export const counters: MergeOf = ({ type }, series): Merge | undefined => {
  const [name = ''] = series.split('{');
  const counts =
    type === 'counter' ||
    type === 'histogram' ||
    (type === 'summary' && /_(sum|count)$/.test(name));
  return counts ? add : undefined;
};

/** The counters of several expositions as one, and nothing else of them. */
export function sumCounters(expositions: readonly string[]): string {
  const sum = new Exposition();
  for (const text of expositions) sum.add(text, counters);
  return String(sum.withoutEmpty());
}
