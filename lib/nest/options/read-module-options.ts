import { A_SIGNAL, isSignal } from '../../config/input/abort-signal.js';
import { isRecord } from '../../config/record.js';
import { describeValue } from '../../config/redact.js';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import type { ServerError } from '../../errors/server.error.js';
import type { HttpPoolModuleOptions } from '../../http-pool.options.js';
import { metricsFaults } from '../../metrics/metrics.rules.js';
import { isBoolean, isFunction, must, readOptions, type OptionRules } from './option-rules.js';

/** The options with their defaults filled in. */
export type ResolvedModuleOptions = HttpPoolModuleOptions &
  Required<Pick<HttpPoolModuleOptions, 'onStartFailure'>>;

/** What is wrong beside the options themselves. */
export interface OtherFaults {
  readonly faults: readonly string[];
  readonly errors: readonly ServerError[];
}

const NONE: OtherFaults = { faults: [], errors: [] };

const DEFAULTS = { onStartFailure: 'abort' } as const;

/** A proxy that was revoked is none. */
const isList = (value: unknown): value is unknown[] => {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
};

/** What each option may be. The list of the servers is read, fault by fault, on its own. */
const RULES: OptionRules<keyof HttpPoolModuleOptions> = {
  servers: must(isList, 'a list of server options'),
  handlers: must(isFunction, 'a function that returns the handlers by key'),
  tls: must((value) => isRecord(value) || isFunction(value), 'TLS options or a function'),
  defaults: must(isRecord, 'an object with server options'),
  isGlobal: must(isBoolean, 'true or false'),
  autoStart: must(isBoolean, 'true or false'),
  onStartFailure: must(
    (value) => value === 'abort' || value === 'continue',
    "'abort' or 'continue'",
  ),
  signal: must(isSignal, A_SIGNAL),
  management: must(
    (value) => isRecord(value) || typeof value === 'string',
    "an address, such as '127.0.0.1:9090', or an object with the options of that server",
  ),
  logTable: must(isBoolean, 'true or false'),
  metrics: metricsFaults,
};

/**
 * Reads what the user gave, or a factory of his returned.
 *
 * @param beside What is wrong with the servers, by the options that are right; asked where others are not
 * @throws PoolError `ERR_POOL_PARAM_EMPTY` when there are no options or no servers in them,
 *   `ERR_POOL_VALIDATE` for values that can't be right, all of them in one error
 */
export function readModuleOptions(
  input: unknown,
  beside?: (right: Partial<HttpPoolModuleOptions>) => OtherFaults,
): ResolvedModuleOptions {
  if (input === undefined || input === null) throw missing(`got ${describeValue(input)}`);
  if (isList(input)) return { ...DEFAULTS, servers: input as ResolvedModuleOptions['servers'] };
  if (!isRecord(input))
    throw invalid([`got ${describeValue(input)}, give options or a list of servers`]);
  const { values, faults } = readOptions(input, RULES);
  if (faults.length > 0) throw invalid(faults, beside?.(rightOf(values)));
  const options = values as unknown as HttpPoolModuleOptions;
  if (options.servers === undefined) throw missing('the options have no `servers`');
  return { ...DEFAULTS, ...options };
}

function rightOf(values: object): Partial<HttpPoolModuleOptions> {
  return Object.fromEntries(Object.entries(values).filter(isRight));
}

/** One that can't be looked at is not. */
function isRight([key, value]: [string, unknown]): boolean {
  try {
    return RULES[key as keyof HttpPoolModuleOptions](value, key).length === 0;
  } catch {
    return false;
  }
}

function missing(what: string): PoolError {
  return new PoolError(
    PoolErrorCode.ERR_POOL_PARAM_EMPTY,
    `HttpPoolModule has no servers to set up: ${what}. Give forRoot, or return from the factory of ` +
      'forRootAsync, a list of server options or an object with `servers`',
  );
}

function invalid(own: readonly string[], { faults, errors }: OtherFaults = NONE): PoolError {
  const headline = 'HttpPoolModule has options that are not valid';
  return new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, headline, errors, {
    faults: [...own, ...faults],
  });
}
