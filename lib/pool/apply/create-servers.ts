import {
  pathOf,
  readServerList,
  type ReadServerListOptions,
  type ReadServerListResult,
} from '../../config/input/read-server-list.js';
import { errorDetailsOf, type ServerSettings } from '../../config/server-settings.js';
import { allAtOnce, type Steps } from '../../config/steps.js';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import { ServerError, type ConfigIssue } from '../../errors/server.error.js';
import type { HandlerRegistry } from '../../handler/handler-registry.js';
import { settingsIssues } from '../../server/read-settings.js';
import { PooledServer } from '../../server/pooled-server.js';
import type { PooledServerOptions } from '../../server/pooled-server.options.js';
import { ServerHandlers } from '../../handler/server-handlers.js';
import { readDefaultTls } from '../../tls/default-tls.js';
import { redirectFault } from '../members/redirects.js';

interface CreateServersOptions
  extends
    Omit<PooledServerOptions, 'handlers'>,
    Pick<ReadServerListOptions, 'defaults' | 'rewrite' | 'known' | 'areApart'> {
  /** The handlers of the pool that the servers are for. */
  readonly registry: HandlerRegistry;
  /** What the handler key of a config is checked against; the handlers of the pool unless told. */
  readonly handlersFor?: (settings: ServerSettings) => ServerHandlers;
  /** The servers of the pool that the list leaves alone, as they are when the list is read. */
  readonly beside?: () => readonly ServerSettings[];
}

interface ReadPoolServers {
  /** The settings of the valid configs. */
  readonly settings: ServerSettings[];
  /** `ERR_POOL_VALIDATE` with an error for every config that is at fault. */
  readonly error?: PoolError;
}

interface CreatedServers extends Pick<ReadPoolServers, 'error'> {
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
  const { registry, defaults, rewrite, known, areApart, handlersFor } = options;
  const { tls, error: tlsError } = readDefaultTls(options.tls);
  const listed = yield* readServerList(list, { defaults, rewrite, known, areApart });
  const handlers = ServerHandlers.sharing(registry);
  const issues = new Map<number, ConfigIssue[]>();
  for (const at of listed.read) {
    const settings = listed.settings[at] ?? listed.sound.get(at);
    if (settings === undefined) continue;
    const mine = handlersFor?.(settings) ?? handlers;
    const check = { handlers: mine, defaultTls: tls, path: pathOf(at) };
    const found = settingsIssues(settings, check);
    if (found.length > 0) issues.set(at, found);
    yield;
  }
  // Of one that has not changed, too: the server that it redirects to may have left the list.
  for (const { at, issue } of redirectIssues(listed, options.beside)) {
    issues.set(at, [...(issues.get(at) ?? []), issue]);
  }
  const errors = [tlsError, listed.listError].filter((error) => error !== undefined);
  return sortOut(listed, issues, errors);
}

/** @param errors What is wrong with all of them; those of each are put behind it */
function sortOut(
  { settings, errors: errorsOf }: ReadServerListResult,
  issues: ReadonlyMap<number, ConfigIssue[]>,
  errors: ServerError[],
): ReadPoolServers {
  if (errorsOf.size === 0 && issues.size === 0 && errors.length === 0)
    return { settings: settings as ServerSettings[] };
  const valid: ServerSettings[] = [];
  for (const [at, each] of settings.entries()) {
    const error = errorsOf.get(at);
    const found = issues.get(at);
    if (error) errors.push(found ? withMore(error, found, at) : error);
    if (each === undefined) continue;
    if (found === undefined) {
      valid.push(each);
    } else {
      const details = { ...errorDetailsOf(each), path: pathOf(at) };
      errors.push(ServerError.forConfig(found, details));
    }
  }
  return errors.length === 0 ? { settings: valid } : { settings: valid, error: notValid(errors) };
}

/** The error of a config with what is wrong with what it points at. */
function withMore(error: ServerError, found: readonly ConfigIssue[], at: number): ServerError {
  const { server, bind, issues } = error;
  return ServerError.forConfig([...issues, ...found], { server, bind, path: pathOf(at) });
}

/** What is wrong with where servers of a list redirect to; one that is at fault is in the list all the same. */
function redirectIssues(
  { settings, errors, sound }: ReadServerListResult,
  beside: CreateServersOptions['beside'],
): { at: number; issue: ConfigIssue }[] {
  const all = settings.map((each, at) => each ?? sound.get(at));
  if (!all.some((each) => each?.redirectTo?.server !== undefined)) return [];
  const listed = settings.filter((each) => each !== undefined);
  const byName = new Map([...(beside?.() ?? []), ...listed].map((each) => [each.name, each]));
  const others = { named: (name: string) => byName.get(name), names: () => byName.keys() };
  // Of a server that is at fault itself that is told.
  const faulty = new Set([...errors.values()].map(({ server }) => server));
  return all.flatMap((each, at) => {
    if (each === undefined || faulty.has(each.redirectTo?.server)) return [];
    const issue = redirectFault(each, others);
    return issue === undefined
      ? []
      : { at, issue: { ...issue, path: `${pathOf(at)}.${issue.path}` } };
  });
}

/** Makes a stopped server of each valid config of a list. */
export function createServers(list: unknown, options: CreateServersOptions): CreatedServers {
  const { registry, logger, signal } = options;
  const { tls } = readDefaultTls(options.tls);
  const { settings, error } = allAtOnce(
    readPoolServers(list, { ...options, tls: tls ?? options.tls }),
  );
  const handlers = ServerHandlers.sharing(registry);
  const servers = settings.map((each) => new PooledServer(each, handlers, { logger, signal, tls }));
  return error ? { servers, error } : { servers };
}

/** The error of configs, of a list or beside one, that are at fault. */
export function notValid(errors: readonly ServerError[]): PoolError {
  const count = errors.length === 1 ? 'a config is' : `${errors.length} configs are`;
  const headline = `Nothing was bound or changed, ${count} not valid`;
  return new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, headline, [...errors]);
}
