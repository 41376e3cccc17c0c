import { Registry } from 'prom-client';

/** Labels that a series must have; it may have others. */
export type Labels = Readonly<Record<string, string>>;

interface Series {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

/** What a scrape tells. */
export class Exposition {
  constructor(readonly series: readonly Series[]) {}

  static read(text: string): Exposition {
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Exposition(lines.map(readLine));
  }

  static async of(registry: Registry): Promise<Exposition> {
    return Exposition.read(await registry.metrics());
  }

  matching(name: string, labels: Labels = {}): Series[] {
    return this.series.filter(
      (series) =>
        series.name === name &&
        Object.entries(labels).every(([label, value]) => series.labels[label] === value),
    );
  }

  /** The sum of all series that match; undefined when there is none. */
  value(name: string, labels: Labels = {}): number | undefined {
    const found = this.matching(name, labels);
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  }

  /** The values of a label that series of this name have, sorted. */
  values(name: string, label: string, labels: Labels = {}): string[] {
    return [
      ...new Set(this.matching(name, labels).map((series) => series.labels[label] ?? '')),
    ].sort();
  }

  names(): Set<string> {
    return new Set(this.series.map(({ name }) => name));
  }
}

function readLine(line: string): Series {
  const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === '') throw new Error(`not a line of an exposition: ${line}`);
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label, text]) => [label, JSON.parse(`"${text}"`)])),
    value: Number(value),
  };
}

export const COUNT = 'http_server_request_duration_seconds_count';
export const ACTIVE = 'http_server_active_requests';
export const CONNECTIONS = 'http_pool_connections';
