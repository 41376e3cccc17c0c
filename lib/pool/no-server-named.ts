import { quote } from '../config/redact.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import type { Pool } from './pool.js';

/** The names of a pool's servers, for a message. */
export function namesOf(pool: Pool): string {
  const names: string[] = [];
  for (const server of pool) names.push(quote(server.name));
  return names.length > 0 ? `the servers are ${names.join(', ')}` : 'there are no servers';
}

/** The error of a server that was asked for and is not configured. */
export function noServerNamed(name: string, pool: Pool): PoolError {
  return new PoolError(
    PoolErrorCode.ERR_POOL_VALIDATE,
    `The pool has no server named ${quote(String(name))}: ${namesOf(pool)}`,
  );
}
