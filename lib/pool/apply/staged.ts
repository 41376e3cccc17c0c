import type { Hold } from '../../server/lifecycle/hold.js';
import type { StagedChange } from '../../server/endpoint/staged-change.js';
import type { Change, HeldServers } from './held-servers.js';

/** A change of a server for which all is done that can fail. */
export interface Staged extends Change {
  readonly change: StagedChange;
  /** It serves from then on, and did not before. */
  readonly opens: boolean;
}

/** @param options.starts Whether what comes, or is enabled, is to be started */
export async function stageChange(
  each: Change,
  held: HeldServers,
  { starts, signal }: { starts: boolean; signal: AbortSignal },
): Promise<Staged> {
  const { server, settings, isNew } = each;
  // A server that was stopped on purpose is not started by a change of its config.
  const isAtRest = !isNew && server.state === 'stopped' && !server.disabled;
  const hold = held.of(server);
  const isWanted = starts && !settings.disabled && !isAtRest && !each.rests;
  // While it is tried for again and again it is not at rest, and no fault of the list.
  const comes = isNew || (each.arrives === true && !server.isStarting);
  const start = isWanted && (comes || (await isChanged(each, hold)));
  const opens = start && server.listener === undefined;
  const vacated = held.vacatedFor(settings.bind);
  return { ...each, opens, change: await hold.stage(settings, { start, vacated, signal }) };
}

/** What is the same by value stays the same object. */
export function isKept({ isNew, opens, change }: Staged): boolean {
  return !isNew && !opens && change.kind === 'keep';
}

/** Nothing in it can fail; should it, the others are put in force and let go all the same. */
export function commitStaged({ change }: Staged): Promise<void> | undefined {
  try {
    return change.commit();
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

/** Takes it back, and lets its server go as it was. */
export async function letGo({ server, change }: Staged, held: HeldServers): Promise<void> {
  await Promise.allSettled([change.discard()]);
  await held.of(server).restore();
}

/** A server that failed is not started by a list that says the same of it. */
async function isChanged({ server, settings }: Change, hold: Hold): Promise<boolean> {
  return server.listener !== undefined || (await hold.kindOf(settings)) !== 'keep';
}
