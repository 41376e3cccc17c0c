import type { SettingsRewrite } from '../config/server-settings.js';
import { PoolError } from '../errors/pool.error.js';
import type { HttpPoolModuleOptions } from '../http-pool.options.js';
import { StartPhase } from '../management/whole/start-phase.js';
import { createServers } from '../pool/apply/create-servers.js';
import { Pool } from '../pool/pool.js';
import { readDefaultTls } from '../tls/default-tls.js';
import type { OtherFaults } from './options/read-module-options.js';
import { managementSettings, readManagementServer } from './application-management.js';

/**
 * What is wrong with the servers of an application that is refused anyway: what they share is at fault, and all
 * faults are told in one error. Nothing of it is kept.
 *
 * @param options Those that are right
 */
export function serverFaults(
  options: Partial<HttpPoolModuleOptions>,
  rewrite: SettingsRewrite | undefined,
): OtherFaults {
  const { servers: list = [], handlers, defaults, management } = options;
  const { tls } = readDefaultTls(options.tls);
  const pool = new Pool();
  const faults: string[] = [];
  try {
    pool.handler(handlers);
  } catch (error) {
    faults.push((error as PoolError).message);
  }
  const { servers, error } = createServers(list, {
    registry: pool.registry,
    tls: tls ?? options.tls,
    defaults,
    rewrite,
    beside: () => managementSettings(management),
  });
  const around = { pool, servers, phase: new StartPhase(), tls };
  const { errors } = readManagementServer(management, around);
  return { faults, errors: [...(error?.errors ?? []), ...errors] };
}

/**
 * Makes what the servers share, and tells with what is wrong with it also what is wrong with them.
 *
 * @throws PoolError of `make`, with the faults of the servers behind its own
 */
export function withServerFaults<Made>(make: () => Made, others: () => OtherFaults): Made {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof PoolError)) throw error;
    const { code, message, errors, cause } = error;
    throw new PoolError(code, message, [...errors, ...others().errors], { cause });
  }
}
