import type { ServerOptions } from '../../config/server.config.js';
import { errorDetailsOf, type ServerSettings } from '../../config/server-settings.js';
import type { Steps } from '../../config/steps.js';
import { ServerError } from '../../errors/server.error.js';
import { notValid, readPoolServers } from './create-servers.js';
import type { PooledServer } from '../../server/pooled-server.js';
import type { PoolMembers } from '../members/pool-members.js';
import type { ServerIndex } from '../members/server-index.js';
import type { PoolOptions } from '../pool.options.js';
import type { ServerMatcher } from '../members/server-query.js';
import type { Suspect } from './apply-plan.js';
import { nameOf, sameOptions } from './same-options.js';

/** The pool that a list is read for. */
export interface ReadingPool {
  readonly members: PoolMembers;
  readonly options: PoolOptions;
}

/**
 * Reads a list step by step, and of servers that it does not change nothing. What depends on the servers of
 * the pool is looked at in the last step: they may come, change and go while a long list is read.
 *
 * @param concerns The servers that the list is for
 * @throws PoolError `ERR_POOL_VALIDATE` with all faults
 */
export function* readList(
  list: readonly ServerOptions[],
  pool: ReadingPool,
  concerns: ServerMatcher,
): Steps<ServerSettings[]> {
  const { members, options } = pool;
  const { tls, defaults } = options;
  const { settings, error } = yield* readPoolServers(list, {
    registry: members.registry,
    tls,
    defaults,
    rewrite: members.rewrite,
    known: (item) => unchanged(item, pool),
    areApart: (wanted) => areInPlace(wanted, members.index),
    beside: () => [...members.index].flatMap((each) => (concerns(each) ? [] : each.settings)),
    handlersFor: (wanted) => members.handlersFor(wanted),
  });
  if (error) throw error;
  refuseTaken(settings, pool, concerns);
  return settings;
}

/** Whether each is in place, and none of them twice: what is in the pool was looked at beside the others. */
function areInPlace(wanted: readonly ServerSettings[], index: ServerIndex): boolean {
  const servers = new Set<PooledServer>();
  for (const settings of wanted) {
    const server = inPlace(settings, index);
    if (server === undefined) return false;
    servers.add(server);
  }
  return servers.size === wanted.length;
}

/** The server of the pool that has this name and this address already. */
function inPlace(settings: ServerSettings, index: ServerIndex): PooledServer | undefined {
  const server = index.named(settings.name);
  return server && index.isFiledAs(server, settings) ? server : undefined;
}

/** Who the list is not for keeps its name and its address. */
function refuseTaken(
  wanted: readonly ServerSettings[],
  { members }: ReadingPool,
  concerns: ServerMatcher,
): void {
  const { index } = members;
  const own = new Set([...index].filter(concerns));
  if (own.size === index.size) return;
  const errors = wanted.flatMap((settings) => {
    const server = inPlace(settings, index);
    if (server && own.has(server)) return [];
    const issues = index.conflicts(settings, (other) => own.has(other));
    if (issues.length === 0) return [];
    return ServerError.forConfig(issues, errorDetailsOf(settings));
  });
  if (errors.length > 0) throw notValid(errors);
}

/** A server may be in other pools: their servers keep their names and addresses, too. */
export function refuseTakenElsewhere(suspects: readonly Suspect[], members: PoolMembers): void {
  const errors = suspects.flatMap(({ server, settings }) => {
    if (members.index.isFiledAs(server, settings)) return [];
    const issues = server.conflictsOutside(members, settings);
    if (issues.length === 0) return [];
    return ServerError.forConfig(issues, errorDetailsOf(settings));
  });
  if (errors.length > 0) throw notValid(errors);
}

/** Certificates are files that may have changed under the same name: then those are read again. */
function unchanged(item: unknown, { members, options }: ReadingPool): ServerSettings | undefined {
  const name = nameOf(item);
  const server = name === undefined ? undefined : members.index.named(name);
  if (server === undefined || !server.listed || !server.hasCurrentTls) return undefined;
  return sameOptions(item, server.config, options.defaults) ? server.settings : undefined;
}
