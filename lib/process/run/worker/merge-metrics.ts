type Merge = (a: number, b: number) => number;

const add: Merge = (a, b) => a + b;

/**
 * Gauges whose sum over processes means nothing. The first that fits holds; all others are summed, as
 * prom-client does of a cluster.
 */
const gauges: readonly (readonly [RegExp, Merge])[] = [
  [/(_up|_not_after_seconds|_successful|_start_time_seconds)$/, Math.min],
  [/(_state|_uptime_seconds|_info|_max_fds)$|_lag_/, Math.max],
];

interface Family {
  /** `# HELP`, `# TYPE` and what else is said of it. */
  readonly about: string[];
  isGauge: boolean;
  readonly samples: Map<string, number>;
}

/**
 * One exposition out of those of several processes, with no series twice.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function mergeMetrics(expositions: readonly string[]): string {
  const families = new Map<string, Family>();
  for (const exposition of expositions) {
    let current = family(families, '');
    for (const line of exposition.split('\n')) {
      if (line.startsWith('# ')) {
        const [, keyword = '', name = '', type] = line.split(' ');
        if (keyword === 'EOF') continue;
        current = family(families, name);
        if (keyword === 'TYPE') current.isGauge = type === 'gauge';
        if (!current.about.includes(line)) current.about.push(line);
      } else {
        take(current, line);
      }
    }
  }
  const lines = [...families.values()].flatMap(({ about, samples }) => [
    ...about,
    ...[...samples].map(([series, value]) => `${series} ${written(value)}`),
  ]);
  return `${lines.join('\n')}\n`;
}

function family(families: Map<string, Family>, name: string): Family {
  const known = families.get(name) ?? { about: [], isGauge: false, samples: new Map() };
  families.set(name, known);
  return known;
}

/** A sample ends with its value; a label's value may hold any character, a blank among them. */
function take({ samples, isGauge }: Family, line: string): void {
  const [, series, text] = /^([^{\s]+(?:\{.*\})?)\s+(\S+)/.exec(line) ?? [];
  if (series === undefined || text === undefined) return;
  const value = read(text);
  const known = samples.get(series);
  const merge = isGauge ? mergeOf(series) : add;
  samples.set(series, known === undefined ? value : merge(known, value));
}

function mergeOf(series: string): Merge {
  const [name = ''] = series.split('{');
  return gauges.find(([pattern]) => pattern.test(name))?.[1] ?? add;
}

function read(text: string): number {
  return text.endsWith('Inf') ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
}

function written(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : `${value > 0 ? '+' : '-'}Inf`;
}
