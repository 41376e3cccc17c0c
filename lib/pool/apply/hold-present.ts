import type { ChangeSet } from './change-set.js';

/**
 * Holds the servers that a change concerns. While it waits for them, another server that was stored before may
 * come into the place of one of them: then the change is for that one, and all are asked for anew.
 *
 * @param hold Looks at the pool and asks for the servers; called again when one of them was replaced, or is not
 *   the one that was looked for any more
 * @param signal When it has aborted, nothing of it comes into force
 */
export async function holdPresent<
  T extends { readonly set: ChangeSet; readonly isStale?: () => boolean },
>(hold: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const held = await hold();
    if (signal?.aborted || !(held.set.isOvertaken || held.isStale?.())) return held;
    await held.set.undo();
  }
}
