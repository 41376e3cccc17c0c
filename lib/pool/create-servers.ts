import {
  readServerList,
  type ReadServerListOptions,
  type ServerListEntry,
} from '../config/input/read-server-list.js';
import type { ServerOptions } from '../config/server.config.js';
import type { ServerSettings } from '../config/server-settings.js';
import { allAtOnce, type Steps } from '../config/steps.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import { ServerError, type ConfigIssue } from '../errors/server.error.js';
import type { HandlerRegistry } from '../handler/handler-registry.js';
import { settingsIssues } from '../server/read-settings.js';
import { PooledServer } from '../server/pooled-server.js';
import type { PooledServerOptions } from '../server/pooled-server.options.js';
import { ServerHandlers } from '../handler/server-handlers.js';
import { readDefaultTls } from '../tls/default-tls.js';
import { redirectFault } from './members/redirects.js';

export interface CreateServersOptions extends Omit<PooledServerOptions, 'handlers'> {
  /** The handlers of the pool that the servers are for. */
  readonly registry: HandlerRegistry;
  /** Folded into every config before it is validated. */
  readonly defaults?: Partial<ServerOptions>;
  /** What the handler key of a config is checked against; the handlers of the pool unless told. */
  readonly handlersFor?: (settings: ServerSettings) => ServerHandlers;
  /** Settings that need not be read and checked again. */
  readonly known?: ReadServerListOptions['known'];
  /** The servers of the pool that the list leaves alone, as they are when the list is read. */
  readonly beside?: () => readonly ServerSettings[];
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

/**
 * Reads a list of configs and all they point at, step by step; never throws for what the list holds. Beside
 * each other, and the servers that the list leaves alone, they are looked at when all are read.
 */
export function* readPoolServers(
  list: unknown,
  options: CreateServersOptions,
): Steps<ReadPoolServers> {
  const { registry, defaults, known, handlersFor } = options;
  const { tls, error: tlsError } = readDefaultTls(options.tls);
  const unchanged = new Set<ServerSettings>();
  const { entries, errors: listErrors } = yield* readServerList(list, {
    defaults,
    known: (item) => {
      const settings = known?.(item);
      if (settings) unchanged.add(settings);
      return settings;
    },
  });
  const handlers = ServerHandlers.sharing(registry);
  const found = new Map<ServerSettings, ConfigIssue[]>();
  for (const { settings, path } of entries) {
    if (settings === undefined || unchanged.has(settings)) continue;
    const mine = handlersFor?.(settings) ?? handlers;
    const issues = settingsIssues(settings, { handlers: mine, defaultTls: tls, path });
    if (issues.length > 0) found.set(settings, issues);
    yield;
  }
  // Of one that has not changed, too: the server that it redirects to may have left the list.
  for (const { settings, issue } of redirectIssues(entries, options.beside)) {
    found.set(settings, [...(found.get(settings) ?? []), issue]);
  }
  const valid: ServerSettings[] = [];
  const errors = tlsError ? [tlsError] : [];
  if (entries.length === 0) errors.push(...listErrors);
  for (const { settings, error, path } of entries) {
    if (error) errors.push(error);
    if (settings === undefined) continue;
    const issues = found.get(settings);
    if (issues === undefined) {
      valid.push(settings);
    } else {
      const { name, bind } = settings;
      errors.push(ServerError.forConfig(issues, { server: name, bind: bind.canonical, path }));
    }
  }
  return errors.length === 0 ? { settings: valid } : { settings: valid, error: notValid(errors) };
}

/** What is wrong with where servers of a list redirect to; one that is at fault is in the list all the same. */
function redirectIssues(
  entries: readonly ServerListEntry[],
  beside: CreateServersOptions['beside'],
): { settings: ServerSettings; issue: ConfigIssue }[] {
  const redirecting = entries.filter(({ settings }) => settings?.redirectTo?.server !== undefined);
  if (redirecting.length === 0) return [];
  const all = [...(beside?.() ?? []), ...entries.flatMap(({ settings }) => settings ?? [])];
  const byName = new Map(all.map((settings) => [settings.name, settings]));
  const others = { named: (name: string) => byName.get(name), names: () => byName.keys() };
  // Of a server that is at fault itself that is told.
  const faulty = new Set(entries.map(({ error }) => error?.server));
  return redirecting.flatMap(({ settings, path }) => {
    if (settings === undefined || faulty.has(settings.redirectTo?.server)) return [];
    const issue = redirectFault(settings, others);
    if (issue === undefined) return [];
    return { settings, issue: { ...issue, path: `${path}.${issue.path}` } };
  });
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
  const { settings, error } = allAtOnce(
    readPoolServers(list, { ...options, tls: tls ?? options.tls }),
  );
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
