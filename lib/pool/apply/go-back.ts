import type { ServerSettings } from '../../config/server-settings.js';
import type { ServerError } from '../../errors/server.error.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { beginChange } from '../../tls/file-texts.js';
import type { PoolMembers } from '../members/pool-members.js';
import { ChangeSet } from './change-set.js';
import type { Change } from './held-servers.js';
import { holdPresent } from './hold-present.js';
import { isKept } from './staged.js';
import { isLost } from './taken.js';

/** What a list does to a server, and how that was before. */
export interface Deed {
  readonly server: PooledServer;
  /** Undefined of one that the list adds, or keeps though the call that brought it has failed. */
  readonly before: ServerSettings | undefined;
  /** Undefined of one that it removes. */
  readonly after: ServerSettings | undefined;
  /** It ran, or was to. */
  readonly ran: boolean;
  /** Where it stood in the order. */
  readonly slot: number | undefined;
}

/** What is about to be put in force. */
export function deedsOf({ ready, removed }: ChangeSet, members: PoolMembers): Deed[] {
  const deedOf = (server: PooledServer, after?: ServerSettings): Deed => {
    const slot = members.index.slotOf(server);
    // One whose start has failed would have been taken back, had the list not kept it.
    const isNew = slot === undefined || members.arrivals.has(server);
    const before = isNew ? undefined : server.settings;
    return { server, before, after, slot, ran: server.isRunning() || server.isStarting };
  };
  const changes = ready.filter((each) => !isKept(each) && !isLost(each, members));
  return [
    ...changes.map(({ server, settings }) => deedOf(server, settings)),
    ...removed.filter((server) => members.contains(server)).map((server) => deedOf(server)),
  ];
}

interface GoingBack {
  readonly members: PoolMembers;
  /** Once it has aborted, by a stop of the pool, nothing is started again that is to be stopped. */
  readonly signal: AbortSignal;
}

/**
 * Takes back what a list has done, where that is still as the list left it: what was called on others since,
 * or on these, comes after it. Returns what could not be had back. A stop, of the pool or of a server, gives up the wait for
 * what it would serve with, and it is gone back to without that.
 */
export async function goBack(deeds: readonly Deed[], going: GoingBack): Promise<ServerError[]> {
  const { activity } = going.members;
  for (;;) {
    const lost = await activity.during((stopped) => goBackUnlessStopped(deeds, going, stopped));
    if (lost) return lost;
  }
}

/** @returns Undefined when it was given up because of a stop, and the servers are as they were left */
async function goBackUnlessStopped(
  deeds: readonly Deed[],
  { members, signal }: GoingBack,
  stopped: AbortSignal,
): Promise<ServerError[] | undefined> {
  beginChange();
  const { set, faults } = await holdPresent(async () => {
    const left = deeds.filter((deed) => isAsLeft(deed, members));
    const removed = left.filter(({ before }) => before === undefined).map(({ server }) => server);
    const { changes, faults } = possible(left.flatMap(changeBack), { removed, deeds, members });
    const isStale = (): boolean =>
      deeds.some((deed) => isAsLeft(deed, members) !== left.includes(deed));
    return { set: await ChangeSet.hold({ changes, removed }, members), faults, isStale };
  });
  const starts = (): boolean => members.isOn || !signal.aborted;
  const errors = await set.stage({ starts, signal: stopped });
  errors.push(...set.conflicts());
  if (errors.length > 0) {
    const isGivenUp = stopped.aborted || set.isStopAsked;
    const unbound = await set.undo();
    return isGivenUp ? undefined : [...faults, ...errors, ...unbound];
  }
  await Promise.allSettled(set.commit().map(({ done }) => done));
  return faults;
}

/** Nobody has changed it since, taken it out, or put it elsewhere. */
function isAsLeft({ server, before, after }: Deed, members: PoolMembers): boolean {
  if (after !== undefined) return members.contains(server) && server.settings === after;
  const isAside = server.state === 'stopped' || members.leaving.has(server);
  const isFree = !members.contains(server) && !server.isElsewhere(members);
  return isAside && isFree && server.settings === before;
}

function changeBack({ server, before, after, ran, slot }: Deed): Change[] {
  if (before === undefined) return [];
  return [{ server, settings: before, isNew: after === undefined, rests: !ran, slot }];
}

interface Possibilities {
  readonly removed: readonly PooledServer[];
  readonly deeds: readonly Deed[];
  readonly members: PoolMembers;
}

/**
 * Leaves out what another server is in the way of that was stored, or changed, since. One whose place was taken
 * by a store was replaced; for any other that is a fault.
 */
function possible(
  changes: readonly Change[],
  { removed, deeds, members }: Possibilities,
): { changes: Change[]; faults: ServerError[] } {
  const left = new Map(changes.map((each) => [each.server, each]));
  const leaving = new Set(removed);
  const changed = new Set(deeds.map(({ server }) => server));
  const faults: ServerError[] = [];
  const isOurs = (other: PooledServer): boolean => left.has(other) || leaving.has(other);
  // What is left out keeps its own address, which may be in the way of others.
  for (let size = -1; size !== left.size;) {
    size = left.size;
    for (const { server, settings, isNew } of left.values()) {
      const fault = members.faultOf(server, settings, isOurs);
      if (fault === undefined) continue;
      left.delete(server);
      const holder = members.index.holder(settings);
      const isReplaced = isNew && holder !== undefined && !changed.has(holder);
      if (!isReplaced) faults.push(fault);
    }
  }
  return { changes: [...left.values()], faults };
}
