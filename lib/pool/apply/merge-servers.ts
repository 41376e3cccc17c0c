import { errorDetailsOf, type ServerSettings } from '../../config/server-settings.js';
import { ServerError, type ConfigIssue } from '../../errors/server.error.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { asServerError, gather } from '../members/gather.js';
import { beginChange } from '../../tls/file-texts.js';
import type { PoolMembers } from '../members/pool-members.js';
import { redirectFault, type Others } from '../members/redirects.js';
import { ChangeSet } from './change-set.js';
import { holdPresent } from './hold-present.js';
import type { Staged } from './staged.js';

/** What is merged: servers of this pool that change, and those that come. */
interface Merged {
  readonly staged: readonly Staged[];
  readonly added: readonly PooledServer[];
}

/**
 * Takes in the servers of another pool: those on new addresses are added, those on a known one give
 * their config and own handlers to the server there. All of it at once, so that two may swap their
 * names. What is at fault is left out; returns why.
 */
export async function mergeServers(
  others: readonly PooledServer[],
  members: PoolMembers,
  signal: AbortSignal,
): Promise<ServerError[]> {
  beginChange();
  const { sources, set } = await holdPresent(() => holdKnown(others, members), signal);
  const errors = await set.stage({ starts: () => false, signal });
  const updating = new Set(sources.values());
  const { merged, refused } = sortOut(
    {
      staged: set.ready.filter(({ server }) => members.contains(server)),
      added: others.filter((other) => !updating.has(other) && !members.contains(other)),
    },
    members,
  );
  errors.push(...refused);
  for (const { server } of merged.staged) {
    server.takeHandlersOf(sources.get(server) as PooledServer);
  }
  const left = set.commit((each) => merged.staged.includes(each));
  for (const server of merged.added) members.add(server);
  const taking = gather(merged.added, (server) => server.takeRewritten());
  errors.push(...(await set.undo()), ...(await taking).errors);
  const outcomes = await Promise.allSettled(left.map(({ done }) => done));
  return outcomes.reduce((all, outcome, at) => {
    if (outcome.status === 'rejected') all.push(asServerError(left[at]!.server, outcome.reason));
    return all;
  }, errors);
}

/** Holds the servers on the addresses of those of another pool. */
async function holdKnown(
  others: readonly PooledServer[],
  members: PoolMembers,
): Promise<{
  sources: ReadonlyMap<PooledServer, PooledServer>;
  set: ChangeSet;
  isStale: () => boolean;
}> {
  const sources = new Map<PooledServer, PooledServer>();
  for (const other of others) {
    const mine = members.index.holder(other.settings);
    if (mine) sources.set(mine, other);
  }
  const changes = [...sources].map(([server, { settings }]) => {
    return { server, settings: members.rewrite?.(settings) ?? settings, isNew: false };
  });
  const set = await ChangeSet.hold({ changes, removed: [] }, members);
  // A call that was made before may have moved it.
  const isStale = (): boolean =>
    [...sources].some(
      ([mine, other]) => members.contains(mine) && members.index.holder(other.settings) !== mine,
    );
  return { sources, set, isStale };
}

/** Leaves out what is in the way of what stays, until nothing is: what stays can be in one pool. */
function sortOut(
  { staged, added }: Merged,
  members: PoolMembers,
): { merged: Merged; refused: ServerError[] } {
  const changing = new Set(staged.map(({ server }) => server));
  const faultOf = (server: PooledServer, settings = server.settings): ServerError | undefined =>
    members.faultOf(server, settings, (other) => changing.has(other)) ??
    bindingFault(server, settings) ??
    redirectFaultOf(settings, merging);
  const merging = othersAfter(staged, added, members);
  const refused = new Map<PooledServer, ServerError>();
  for (let before = -1; before < refused.size;) {
    before = refused.size;
    for (const { server, settings } of staged) {
      const fault = changing.has(server) ? faultOf(server, settings) : undefined;
      if (fault) refused.set(server, fault);
      if (fault) changing.delete(server);
    }
    for (const server of added) {
      const fault = refused.has(server) ? undefined : faultOf(server);
      if (fault) refused.set(server, fault);
    }
  }
  return {
    merged: {
      staged: staged.filter(({ server }) => !refused.has(server)),
      added: added.filter((server) => !refused.has(server)),
    },
    refused: [...refused.values()],
  };
}

/** The servers of the pool as they would be. */
function othersAfter(
  staged: readonly Staged[],
  added: readonly PooledServer[],
  members: PoolMembers,
): Others {
  const changed = new Map(staged.map(({ server, settings }) => [server, settings]));
  const after = [...members.index].map((server) => changed.get(server) ?? server.settings);
  const all = [...after, ...added.map(({ settings }) => settings)];
  const byName = new Map(all.map((settings) => [settings.name, settings]));
  return { named: (name) => byName.get(name), names: () => byName.keys() };
}

function redirectFaultOf(settings: ServerSettings, others: Others): ServerError | undefined {
  const issue = redirectFault(settings, others);
  return issue === undefined ? undefined : faultWith(issue, settings);
}

function faultWith(issue: ConfigIssue, settings: ServerSettings): ServerError {
  return ServerError.forConfig([issue], errorDetailsOf(settings));
}

/** The config of another pool's server was not checked against what is bound to this one. */
function bindingFault(server: PooledServer, settings: ServerSettings): ServerError | undefined {
  const issue = server.handlers.bindingFault(settings);
  return issue === undefined ? undefined : faultWith(issue, settings);
}
