import {
  readServerList,
  type ReadServerListOptions,
  type ServerListEntry,
} from '../config/input/read-server-list.js';
import type { ServerOptions } from '../config/server.config.js';
import type { ServerSettings } from '../config/server-settings.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import { ServerError, type ConfigIssue } from '../errors/server.error.js';
import type { HandlerRegistry } from '../handler/handler-registry.js';
import { settingsIssues } from '../server/read-settings.js';
import { PooledServer } from '../server/pooled-server.js';
import type { PooledServerOptions } from '../server/pooled-server.options.js';
import { ServerHandlers } from '../handler/server-handlers.js';
import { readDefaultTls } from '../tls/default-tls.js';
import { redirectFault, type Others } from './members/redirects.js';

export interface CreateServersOptions extends Omit<PooledServerOptions, 'handlers'> {
  /** The handlers of the pool that the servers are for. */
  readonly registry: HandlerRegistry;
  /** Folded into every config before it is validated. */
  readonly defaults?: Partial<ServerOptions>;
  /** What the handler key of a config is checked against; the handlers of the pool unless told. */
  readonly handlersFor?: (settings: ServerSettings) => ServerHandlers;
  /** Settings that need not be read and checked again. */
  readonly known?: ReadServerListOptions['known'];
  /** The servers of the pool that the list leaves alone. */
  readonly beside?: readonly ServerSettings[];
}

export interface ReadPoolServers {
  /** The settings of the valid configs. */
  readonly settings: ServerSettings[];
  /** `ERR_POOL_VALIDATE` with an error for every config that is at fault. */
  readonly error?: PoolError;
}

export interface CreatedServers extends Pick<ReadPoolServers, 'error'> {
  /** The servers of the valid configs, stopped. */
  readonly servers: PooledServer[];
}

/** Reads a list of configs and all they point at; never throws for what the list holds. */
export function readPoolServers(list: unknown, options: CreateServersOptions): ReadPoolServers {
  const { registry, defaults, known, handlersFor } = options;
  const { tls, error: tlsError } = readDefaultTls(options.tls);
  const unchanged = new Set<ServerSettings>();
  const { entries, errors: listErrors } = readServerList(list, {
    defaults,
    known: (item) => {
      const settings = known?.(item);
      if (settings) unchanged.add(settings);
      return settings;
    },
  });
  const handlers = ServerHandlers.sharing(registry);
  const others = othersIn(entries, options.beside ?? []);
  const valid: ServerSettings[] = [];
  const errors = tlsError ? [tlsError] : [];
  if (entries.length === 0) errors.push(...listErrors);
  for (const { settings, error, path } of entries) {
    if (error) errors.push(error);
    if (settings === undefined) continue;
    const issues = unchanged.has(settings)
      ? []
      : settingsIssues(settings, {
          handlers: handlersFor?.(settings) ?? handlers,
          defaultTls: tls,
          path,
        });
    // Of one that has not changed, too: the server that it redirects to may have left the list.
    issues.push(...redirectIssues(settings, others, path));
    if (issues.length === 0) {
      valid.push(settings);
    } else {
      const { name, bind } = settings;
      errors.push(ServerError.forConfig(issues, { server: name, bind: bind.canonical, path }));
    }
  }
  return errors.length === 0 ? { settings: valid } : { settings: valid, error: notValid(errors) };
}

/** One that is at fault is in the list all the same: of it alone is told. */
function othersIn(
  entries: readonly ServerListEntry[],
  beside: readonly ServerSettings[],
): Others & { readonly faulty: ReadonlySet<string | undefined> } {
  const all = [...beside, ...entries.flatMap(({ settings }) => settings ?? [])];
  const byName = new Map(all.map((settings) => [settings.name, settings]));
  return {
    faulty: new Set(entries.map(({ error }) => error?.server)),
    named: (name) => byName.get(name),
    names: () => byName.keys(),
  };
}

function redirectIssues(
  settings: ServerSettings,
  others: ReturnType<typeof othersIn>,
  path: string,
): ConfigIssue[] {
  const target = settings.redirectTo?.server;
  if (target === undefined || others.faulty.has(target)) return [];
  const issue = redirectFault(settings, others);
  return issue === undefined ? [] : [{ ...issue, path: `${path}.${issue.path}` }];
}

/** Makes a stopped server of each valid config of a list. */
export function createServers(list: unknown, options: CreateServersOptions): CreatedServers {
  const {
    registry,
    defaults: _defaults,
    known: _known,
    handlersFor: _handlersFor,
    ...given
  } = options;
  const { tls } = readDefaultTls(options.tls);
  const { settings, error } = readPoolServers(list, { ...options, tls: tls ?? options.tls });
  const handlers = ServerHandlers.sharing(registry);
  const servers = settings.map((each) => new PooledServer(each, handlers, { ...given, tls }));
  return error ? { servers, error } : { servers };
}

/** The error of configs, of a list or beside one, that are at fault. */
export function notValid(errors: readonly ServerError[]): PoolError {
  const count = errors.length === 1 ? 'a config is' : `${errors.length} configs are`;
  const headline = `Nothing was bound or changed, ${count} not valid`;
  return new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, headline, [...errors]);
}
