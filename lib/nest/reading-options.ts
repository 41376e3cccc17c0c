import { unreadable } from '../config/input/copy-report.js';
import { describeValue } from '../config/redact.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import type { HttpPoolModuleAsyncOptions } from '../http-pool.options.js';

/**
 * The result of copying the options of a static method of the module, whose getters, or whose proxy, may throw.
 *
 * @throws PoolError `ERR_POOL_VALIDATE`
 */
export function readingOptions<T>(method: string, copy: () => T): T {
  try {
    return copy();
  } catch (error) {
    const message = `HttpPoolModule.${method} was given options that are not valid: ${unreadable(error)}`;
    throw new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, message);
  }
}

/** @throws PoolError `ERR_POOL_PARAM_EMPTY` without options, `ERR_POOL_VALIDATE` for what can't be read */
export function readAsyncOptions(options: HttpPoolModuleAsyncOptions): HttpPoolModuleAsyncOptions {
  if (typeof options !== 'object' || options === null) {
    const what = `got ${describeValue(options)}, give useFactory, useClass or useExisting`;
    const message = `HttpPoolModule.forRootAsync needs options: ${what}`;
    throw new PoolError(PoolErrorCode.ERR_POOL_PARAM_EMPTY, message);
  }
  return readingOptions('forRootAsync', () => ({ ...options }));
}
