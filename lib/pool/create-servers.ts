import { readServerList } from '../config/read-server-list.js';
import type { ServerOptions } from '../config/server.options.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import { ServerError } from '../errors/server.error.js';
import type { HandlerRegistry } from '../handler/handler-registry.js';
import { settingsIssues } from '../server/create-server.js';
import { PooledServer, type PooledServerOptions } from '../server/pooled-server.js';
import { ServerHandlers } from '../server/server-handlers.js';

export interface CreateServersOptions extends Omit<PooledServerOptions, 'handlers'> {
  /** The handlers of the pool that the servers are for. */
  readonly registry: HandlerRegistry;
  /** Folded into every config before it is validated. */
  readonly defaults?: Partial<ServerOptions>;
}

export interface CreatedServers {
  /** The servers of the valid configs, stopped. */
  readonly servers: PooledServer[];
  /** `ERR_POOL_VALIDATE` with an error for every config that is at fault. */
  readonly error?: PoolError;
}

/** Makes a stopped server of each valid config of a list; never throws for what the list holds. */
export function createServers(list: unknown, options: CreateServersOptions): CreatedServers {
  const { registry, defaults, ...given } = options;
  const { entries, errors: listErrors } = readServerList(list, { defaults });
  const servers: PooledServer[] = [];
  const errors = entries.length === 0 ? [...listErrors] : [];
  for (const { settings, error, path } of entries) {
    if (error) errors.push(error);
    if (settings === undefined) continue;
    const handlers = new ServerHandlers(undefined, registry);
    const issues = settingsIssues(settings, { handlers, defaultTls: given.tls, path });
    if (issues.length === 0) {
      servers.push(new PooledServer(settings, handlers, given));
    } else {
      const { name, bind } = settings;
      errors.push(ServerError.forConfig(issues, { server: name, bind: bind.canonical, path }));
    }
  }
  return errors.length === 0 ? { servers } : { servers, error: listError(errors) };
}

function listError(errors: ServerError[]): PoolError {
  const count = errors.length === 1 ? 'a config is' : `${errors.length} configs are`;
  return new PoolError(
    PoolErrorCode.ERR_POOL_VALIDATE,
    `The pool has not been made, ${count} not valid`,
    errors,
  );
}
