import { describeValue } from '../config/redact.js';
import { isRecord } from '../config/record.js';
import { unknownKey } from '../config/nearest-key.js';

const REGISTRY = ['metrics', 'getSingleMetric', 'registerMetric', 'removeSingleMetric'];
const METER = ['createHistogram', 'createObservableGauge', 'createObservableCounter'];

const has = (methods: readonly string[]) => (value: unknown) =>
  typeof value === 'object' &&
  value !== null &&
  methods.every((method) => typeof Reflect.get(value, method) === 'function');

const RULES: Readonly<Record<string, readonly [(value: unknown) => boolean, string]>> = {
  registry: [has(REGISTRY), 'a Registry of prom-client'],
  meter: [has(METER), 'a Meter of @opentelemetry/api'],
  durationBuckets: [isAscending, 'upper bounds in seconds above 0, in ascending order'],
};

/** What is wrong with the option `metrics`, each fault with its key path. */
export function metricsFaults(value: unknown): string[] {
  if (typeof value === 'boolean' || value === undefined) return [];
  if (!isRecord(value)) {
    return [`metrics: got ${describeValue(value)}, give true, false or an object`];
  }
  return [...new Set([...Object.keys(value), ...Object.keys(RULES)])].flatMap((key) => {
    const option = value[key];
    if (option === undefined) return [];
    const rule = Object.hasOwn(RULES, key) ? RULES[key] : undefined;
    if (rule === undefined) return [`metrics: ${unknownKey(key, Object.keys(RULES))}`];
    const [isRight, give] = rule;
    return isRight(option) ? [] : [`metrics.${key}: got ${describeValue(option)}, give ${give}`];
  });
}

function isAscending(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  const bounds = value as unknown[];
  return bounds.every((bound, at) => {
    const before = at === 0 ? 0 : (bounds[at - 1] as number);
    return typeof bound === 'number' && Number.isFinite(bound) && bound > before;
  });
}
