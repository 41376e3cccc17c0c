import { unreadable } from '../../config/input/copy-report.js';
import { isRecord } from '../../config/record.js';
import { describeValue } from '../../config/redact.js';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import { readOptions, type OptionRules, type ReadOptions } from './option-rules.js';

/**
 * The result of copying the options of a static method of the module, whose getters, or whose proxy, may throw.
 *
 * @throws PoolError `ERR_POOL_VALIDATE`
 */
export function readingOptions<T>(method: string, copy: () => T): T {
  try {
    return copy();
  } catch (error) {
    const message = `${headlineOf(method)}: ${unreadable(error)}`;
    throw new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, message);
  }
}

/**
 * Reads what a static method of the module was given by its rules.
 *
 * @throws PoolError `ERR_POOL_VALIDATE` with all faults
 */
export function readMethodOptions<Key extends string>(
  method: string,
  input: unknown,
  rules: OptionRules<Key>,
): ReadOptions<Key>['values'] {
  if (!isRecord(input)) {
    throw notValid(method, [`got ${describeValue(input)}, give an object with the options`]);
  }
  const { values, faults } = readOptions(input, rules);
  if (faults.length > 0) throw notValid(method, faults);
  return values;
}

function notValid(method: string, faults: readonly string[]): PoolError {
  return new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, headlineOf(method), [], { faults });
}

const headlineOf = (method: string): string =>
  `HttpPoolModule.${method} was given options that are not valid`;
