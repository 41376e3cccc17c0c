import { ConflictIndex } from '../config/address/conflict-index.js';
import { errorDetailsOf, type ServerSettings } from '../config/server-settings.js';
import { ServerError, type ConfigIssue } from '../errors/server.error.js';
import { ServerHandlers } from '../handler/server-handlers.js';
import type { Pool } from '../pool/pool.js';
import { PooledServer } from '../server/pooled-server.js';
import type { PooledServerOptions } from '../server/pooled-server.options.js';
import { settingsIssues } from '../server/read-settings.js';
import { dashboardRoutes } from './dashboard/dashboard-routes.js';
import type { ManagementOptions } from './management.config.js';
import { managementHandler, type Route } from './management-handler.js';
import { managementRoutes } from './management-routes.js';
import { readManagement } from './read-management.js';
import { LocalWhole } from './whole/local-whole.js';
import type { StartPhase } from './whole/start-phase.js';
import type { WholeMetrics } from './whole/whole.js';

/** A server of the pool that no list of configs is about. */
export class ManagementServer extends PooledServer {
  override get listed(): boolean {
    return false;
  }
}

export interface ManagementServerOptions extends Pick<PooledServerOptions, 'tls' | 'logger'> {
  /** The pool that it tells of. */
  readonly pool: Pool;
  /** The servers that it must not be in the way of. */
  readonly servers: readonly PooledServer[];
  readonly phase: StartPhase;
  /** What `/metrics` answers; undefined where there are no metrics. */
  readonly metrics?: () => Promise<WholeMetrics>;
}

/**
 * Makes the server for operators, stopped and in no pool yet.
 *
 * @throws ServerError `ERR_SERVER_VALIDATE` with every fault, each under `management`
 */
export function createManagementServer(
  input: string | ManagementOptions,
  { pool, servers, phase, tls, logger, metrics }: ManagementServerOptions,
): ManagementServer {
  const { settings, issues, name: configured } = readManagement(input);
  if (settings === undefined) {
    throw ServerError.forConfig(issues, { server: configured, path: 'management' });
  }
  const handlers = ServerHandlers.sharing(pool.registry);
  const faults = [
    ...settingsIssues(settings.server, { handlers, defaultTls: tls, path: 'management' }),
    ...clashes(settings.server, servers),
  ];
  if (faults.length > 0) {
    const details = errorDetailsOf(settings.server);
    throw ServerError.forConfig(faults, { ...details, path: 'management' });
  }
  const server = new ManagementServer(settings.server, handlers, { tls, logger });
  const routes: ReadonlyMap<string, Route> = managementRoutes({
    alone: new LocalWhole(pool, server, phase, metrics),
    pendingStart: () => phase.pending,
    info: settings.info,
    more: dashboardRoutes(settings.dashboard, { pool, own: server, logger }),
  });
  pool.registry.putBefore(settings.server.name, (next) => managementHandler(routes, next));
  return server;
}

function clashes(settings: ServerSettings, servers: readonly PooledServer[]): ConfigIssue[] {
  const index = new ConflictIndex();
  for (const server of servers) {
    const { name, bind } = server.settings;
    index.add({ name, bind, path: 'servers' });
  }
  const { name, bind } = settings;
  return index.add({ name, bind, path: 'management' }).map(({ field, message }) => {
    return { path: `management.${field}`, message };
  });
}
