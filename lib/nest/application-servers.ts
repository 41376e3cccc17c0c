import type { SettingsRewrite } from '../config/server-settings.js';
import { PoolError } from '../errors/pool.error.js';
import type { ServerError } from '../errors/server.error.js';
import type { HttpPoolModuleOptions } from '../http-pool.options.js';
import { StartPhase } from '../management/whole/start-phase.js';
import { createServers } from '../pool/apply/create-servers.js';
import { Pool } from '../pool/pool.js';
import type { PooledServer } from '../server/pooled-server.js';
import { readDefaultTls } from '../tls/default-tls.js';
import type { OtherFaults } from './options/read-module-options.js';
import { managementSettings, readManagementServer } from './application-management.js';

/** What the servers of an application are made with, beside its options. */
type Around = Omit<Parameters<typeof readManagementServer>[1], 'servers'> & {
  readonly rewrite: SettingsRewrite | undefined;
};

/** The servers of an application, and whatever is wrong with them. */
interface ApplicationServers {
  readonly servers: readonly PooledServer[];
  readonly management: PooledServer | undefined;
  readonly errors: readonly ServerError[];
}

/** Makes the servers of the options, and the management server; none is in the pool yet. */
export function readApplicationServers(
  { servers: list = [], tls, defaults, management }: Partial<HttpPoolModuleOptions>,
  { rewrite, ...around }: Around,
): ApplicationServers {
  const { servers, error } = createServers(list, {
    registry: around.pool.registry,
    tls: around.tls ?? tls,
    defaults,
    rewrite,
    logger: around.logger,
    beside: () => managementSettings(management),
  });
  const { server, errors } = readManagementServer(management, { ...around, servers });
  return { servers, management: server, errors: [...(error?.errors ?? []), ...errors] };
}

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
  const { tls } = readDefaultTls(options.tls);
  const pool = new Pool();
  const faults: string[] = [];
  try {
    pool.handler(options.handlers);
  } catch (error) {
    faults.push((error as PoolError).message);
  }
  const around = { pool, phase: new StartPhase(), tls, rewrite };
  return { faults, errors: readApplicationServers(options, around).errors };
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
