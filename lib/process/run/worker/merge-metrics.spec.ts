import { describe, expect, it } from '@jest/globals';
import { aggregatorOf, FAMILIES, type FamilyKey } from '../../../metrics/families.js';
import { sumCounters } from '../whole/sum-counters.js';
import { mergeMetrics } from './merge-metrics.js';

const exposition = (
  requests: number,
  up: number,
  other = '',
): string => `# HELP requests_total All of them
# TYPE requests_total counter
requests_total{path="a b",quote="\\"}"} ${requests}
# HELP server_up Whether it runs
# TYPE server_up gauge
server_up{server="main"} ${up}
# HELP took_seconds How long
# TYPE took_seconds histogram
took_seconds_bucket{le="0.1"} ${requests}
took_seconds_bucket{le="+Inf"} ${requests}
took_seconds_sum 0.5
took_seconds_count ${requests}
${other}`;

describe('mergeMetrics', () => {
  it('sums counters and histograms, and takes the worst of what is up or not', () => {
    expect(mergeMetrics([exposition(2, 1), exposition(3, 0)])).toBe(
      exposition(5, 0).replace('sum 0.5', 'sum 1'),
    );
  });

  it.each((Object.keys(FAMILIES) as FamilyKey[]).filter((key) => FAMILIES[key].type === 'gauge'))(
    'merges %s of the pool as its table has it',
    (key) => {
      const { name } = FAMILIES[key];
      const of = (value: number): string => `# TYPE ${name} gauge\n${name} ${value}\n`;
      const merged = { sum: 5, max: 3, min: 2 }[aggregatorOf(key)];
      expect(mergeMetrics([of(2), of(3)])).toBe(of(merged));
    },
  );

  it.each([
    ['a label of anything', '{path="a} b",q="\\"}"}', '', ''],
    ['an exemplar', '{le="1"}', ' # {trace_id="t5"} 0.5 123.4', ' # {trace_id="t6"} 0.7'],
    ['an exemplar without labels before it', '', ' # {trace_id="t5"} 0.5', ''],
    ['a time', '{le="1"}', ' 1395066363000', ' 1395066364000'],
  ])('sums one series with %s', (_what, labels, one, other) => {
    const of = (value: number, rest: string): string =>
      `# TYPE took histogram\ntook_bucket${labels} ${value}${rest}\n`;
    expect(mergeMetrics([of(5, one), of(7, other)])).toBe(of(12, ''));
  });

  it('keeps what one process alone has, and what is no number', () => {
    const merged = mergeMetrics([
      exposition(1, 1, '# TYPE alone gauge\nalone 7\nodd_max NaN\n'),
      exposition(1, 1, 'alone{a="b"} -Inf\n'),
    ]);
    expect(merged).toContain('\nalone 7\n');
    expect(merged).toContain('\nodd_max NaN\n');
    expect(merged).toContain('alone{a="b"} -Inf\n');
  });

  it('adds what workers that have left had counted, of the servers that are left', () => {
    const series = (count: number): string =>
      `# TYPE asked_total counter\nasked_total{server="main",status="404"} ${count}\n`;
    const left = sumCounters([
      exposition(7, 0, series(3)),
      exposition(1, 0, `${series(1)}asked_total{server="gone"} 9\n`),
    ]);
    expect(left).not.toMatch(/server_up|gauge/);
    const merged = mergeMetrics([exposition(2, 1)], left);
    expect(merged).toContain('server_up{server="main"} 1\n');
    expect(merged).toContain('requests_total{path="a b",quote="\\"}"} 10\n');
    expect(merged).toContain('took_seconds_count 10\n');
    expect(merged).toContain('asked_total{server="main",status="404"} 4\n');
    expect(merged).not.toContain('gone');
  });

  it('ends OpenMetrics once, at the end', () => {
    const text = exposition(1, 1, '# EOF\n');
    const merged = mergeMetrics([text, text], sumCounters([text]));
    expect(merged).toMatch(/\n# EOF\n$/);
    expect(merged.match(/# EOF/g)).toHaveLength(1);
    expect(merged).toContain('requests_total{path="a b",quote="\\"}"} 3\n');
  });

  it('has no series, and no description, twice', () => {
    const lines = mergeMetrics([exposition(1, 1), exposition(1, 1)])
      .trim()
      .split('\n');
    expect(new Set(lines.map((line) => line.replace(/ \S+$/, ''))).size).toBe(lines.length);
  });
});
