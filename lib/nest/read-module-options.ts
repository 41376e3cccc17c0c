import { A_SIGNAL, isSignal } from '../config/input/abort-signal.js';
import { unreadable } from '../config/input/copy-report.js';
import { keyHint } from '../config/nearest-key.js';
import { isRecord } from '../config/record.js';
import { describeValue, quote } from '../config/redact.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import type { HttpPoolModuleOptions } from '../http-pool.options.js';
import { metricsFaults } from '../metrics/metrics.rules.js';

/** The options with their defaults filled in. */
export type ResolvedModuleOptions = HttpPoolModuleOptions &
  Required<Pick<HttpPoolModuleOptions, 'onStartFailure'>>;

const DEFAULTS = { onStartFailure: 'abort' } as const;

const isFunction = (value: unknown): boolean => typeof value === 'function';
const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
/** A proxy that was revoked is none. */
const isList = (value: unknown): value is unknown[] => {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
};

/** What each option may be. The list of the servers is read, fault by fault, on its own. */
const RULES: Record<
  keyof HttpPoolModuleOptions,
  [test: (value: unknown) => boolean, give: string]
> = {
  servers: [isList, 'a list of server options'],
  handlers: [isFunction, 'a function that returns the handlers by key'],
  tls: [(value) => isRecord(value) || isFunction(value), 'TLS options or a function'],
  defaults: [isRecord, 'an object with server options'],
  isGlobal: [isBoolean, 'true or false'],
  autoStart: [isBoolean, 'true or false'],
  onStartFailure: [(value) => value === 'abort' || value === 'continue', "'abort' or 'continue'"],
  signal: [isSignal, A_SIGNAL],
  management: [
    (value) => isRecord(value) || typeof value === 'string',
    "an address, such as '127.0.0.1:9090', or an object with the options of that server",
  ],
  logTable: [isBoolean, 'true or false'],
  // Its faults are told one by one.
  metrics: [() => true, ''],
};

/**
 * Reads what the user gave, or a factory of his returned.
 *
 * @throws PoolError `ERR_POOL_PARAM_EMPTY` when there are no options or no servers in them,
 *   `ERR_POOL_VALIDATE` for values that can't be right, all of them in one error
 */
export function readModuleOptions(input: unknown): ResolvedModuleOptions {
  if (input === undefined || input === null) throw missing(`got ${describeValue(input)}`);
  if (isList(input)) return { ...DEFAULTS, servers: input as ResolvedModuleOptions['servers'] };
  if (!isRecord(input))
    throw invalid([`got ${describeValue(input)}, give options or a list of servers`]);
  const { entries, faults } = readEntries(input);
  const options = Object.fromEntries(entries) as unknown as HttpPoolModuleOptions;
  faults.push(...entries.flatMap(([key, value]) => fault(key, value) ?? []));
  if (faults.length > 0) throw invalid(faults);
  if (options.servers === undefined) throw missing('the options have no `servers`');
  return { ...DEFAULTS, ...options };
}

/** What is given, each value read once: a getter, or a proxy, may throw. */
function readEntries(input: Record<string, unknown>): {
  entries: [key: string, value: unknown][];
  faults: string[];
} {
  const entries: [string, unknown][] = [];
  const faults: string[] = [];
  let key: string | undefined;
  try {
    for (key of Object.keys(input)) {
      const value = input[key];
      if (value !== undefined) entries.push([key, value]);
    }
  } catch (error) {
    faults.push(`${key ?? 'the options'}: ${unreadable(error)}`);
  }
  return { entries, faults };
}

function fault(key: string, value: unknown): string | string[] | undefined {
  if (key === 'metrics') return metricsFaults(value);
  if (!Object.hasOwn(RULES, key)) {
    return `unknown key ${quote(key)}, ${keyHint(key, Object.keys(RULES))}`;
  }
  const [test, give] = RULES[key as keyof HttpPoolModuleOptions];
  return test(value) ? undefined : `${key}: got ${describeValue(value)}, give ${give}`;
}

function missing(what: string): PoolError {
  return new PoolError(
    PoolErrorCode.ERR_POOL_PARAM_EMPTY,
    `HttpPoolModule has no servers to set up: ${what}. Give forRoot, or return from the factory of ` +
      'forRootAsync, a list of server options or an object with `servers`',
  );
}

function invalid(faults: string[]): PoolError {
  const headline = 'HttpPoolModule has options that are not valid';
  return new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, headline, [], { faults });
}
