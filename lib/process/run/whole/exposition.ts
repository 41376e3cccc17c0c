export type Merge = (a: number, b: number) => number;

export const add: Merge = (a, b) => a + b;

interface Family {
  /** `counter`, `gauge`, `histogram` or `summary`; `''` where it is not told. */
  type: string;
  /** `# HELP`, `# TYPE` and what else is said of it. */
  readonly about: string[];
  readonly samples: Map<string, number>;
}

/** How a series that is there twice becomes one; undefined: it is left out. */
export type MergeOf = (family: Family, series: string) => Merge | undefined;

const endOfOpenMetrics = '# EOF';

/**
 * Metrics in Prometheus' text format, or in OpenMetrics, which has an end and is not whole without it,
 * read from several texts, with no series twice.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export class Exposition {
  private readonly families = new Map<string, Family>();
  private hasEnd = false;

  add(text: string, mergeOf: MergeOf): this {
    let current = this.family('');
    for (const line of text.split('\n')) {
      if (line === endOfOpenMetrics) {
        this.hasEnd = true;
      } else if (line.startsWith('# ')) {
        const [, keyword = '', name = '', type] = line.split(' ');
        current = this.family(name);
        if (keyword === 'TYPE' && type !== undefined) current.type = type;
        if (!current.about.includes(line)) current.about.push(line);
      } else {
        take(current, line, mergeOf);
      }
    }
    return this;
  }

  /** The values of one label, of all series. */
  labelValues(label: string): Set<string> {
    const series = [...this.families.values()].flatMap(({ samples }) => [...samples.keys()]);
    return new Set(series.flatMap((each) => labelOf(each, label) ?? []));
  }

  /** Less the families without a sample. */
  withoutEmpty(): this {
    for (const [name, { samples }] of this.families) {
      if (samples.size === 0) this.families.delete(name);
    }
    return this;
  }

  toString(): string {
    const lines = [...this.families.values()].flatMap(({ about, samples }) => [
      ...about,
      ...[...samples].map(([series, value]) => `${series} ${written(value)}`),
    ]);
    if (this.hasEnd) lines.push(endOfOpenMetrics);
    return `${lines.join('\n')}\n`;
  }

  private family(name: string): Family {
    const known = this.families.get(name) ?? { type: '', about: [], samples: new Map() };
    this.families.set(name, known);
    return known;
  }
}

/** As it is written, between its quotes. */
export function labelOf(series: string, label: string): string | undefined {
  return new RegExp(`[{,]${label}="((?:[^"\\\\]|\\\\.)*)"`).exec(series)?.[1];
}

/**
 * A series and its value. The value of a label may hold any character, and behind the value of the sample
 * may stand a time, or an exemplar with labels of its own: those are of one process, and left out.
 *
 * @see https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md#exemplars
 */
const SAMPLE = /^([^{\s]+(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?)\s+(\S+)/;

function take(family: Family, line: string, mergeOf: MergeOf): void {
  const [, series, text] = SAMPLE.exec(line) ?? [];
  if (series === undefined || text === undefined) return;
  const merge = mergeOf(family, series);
  if (merge === undefined) return;
  const { samples } = family;
  const known = samples.get(series);
  samples.set(series, known === undefined ? read(text) : merge(known, read(text)));
}

function read(text: string): number {
  return text.endsWith('Inf') ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text);
}

function written(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : `${value > 0 ? '+' : '-'}Inf`;
}
