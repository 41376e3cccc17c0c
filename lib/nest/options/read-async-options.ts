import { describeValue } from '../../config/redact.js';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import type { HttpPoolModuleAsyncOptions } from '../../http-pool.options.js';
import { isBoolean, isFunction, listOf, must, type OptionRules } from './option-rules.js';
import { isToken, modules } from './module-parts.js';
import { readMethodOptions } from './reading-options.js';

const RULES = {
  imports: modules,
  inject: listOf((value) => isToken(value) || (typeof value === 'object' && value !== null), {
    list: 'a list of tokens',
    entry: 'a token; a class that is imported in a circle is not there yet',
  }),
  useFactory: must(isFunction, 'a function that returns the options'),
  useClass: must(isFunction, 'a class with createHttpPoolOptions()'),
  useExisting: must(isToken, 'the token of a provider with createHttpPoolOptions()'),
  isGlobal: must(isBoolean, 'true or false'),
  // Of Nest: where the providers of the tokens are taken from.
  provideInjectionTokensFrom: must(Array.isArray, 'a list of providers'),
} satisfies OptionRules<string>;

/** @throws PoolError `ERR_POOL_PARAM_EMPTY` without options, `ERR_POOL_VALIDATE` with all faults of what is given */
export function readAsyncOptions(input: unknown): HttpPoolModuleAsyncOptions {
  if (typeof input !== 'object' || input === null) throw missing(input);
  const options = readMethodOptions('forRootAsync', input, RULES);
  const { useFactory, useClass, useExisting } = options;
  if ((useFactory ?? useClass ?? useExisting) === undefined) throw missing(input);
  return options as HttpPoolModuleAsyncOptions;
}

function missing(input: unknown): PoolError {
  const what = `got ${describeValue(input)}, give useFactory, useClass or useExisting`;
  const message = `HttpPoolModule.forRootAsync needs options: ${what}`;
  return new PoolError(PoolErrorCode.ERR_POOL_PARAM_EMPTY, message);
}
