import { quote } from '../config/redact.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import { describeNames } from './members/server-names.js';
import type { Pool } from './pool.js';

/** The names of a pool's servers, for a message. */
export function namesOf(pool: Pool): string {
  const names = [...pool].map(({ name }) => name);
  return describeNames(names, 'there are no servers');
}

/** The error of a server that was asked for and is not configured. */
export function noServerNamed(name: string, pool: Pool): PoolError {
  return new PoolError(
    PoolErrorCode.ERR_POOL_VALIDATE,
    `The pool has no server named ${quote(String(name))}: ${namesOf(pool)}`,
  );
}
