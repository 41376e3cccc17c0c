import type { ChangeSet } from './change-set.js';

/**
 * Holds what a change concerns in the pool as it is when all are held: a server that was stored before, and
 * comes while they are waited for, is one of that pool.
 *
 * @param hold Looks at the pool and asks for the servers; called again when one of them was replaced
 * @param signal When it has aborted, nothing of it comes into force
 */
export async function holdPresent<T extends { readonly set: ChangeSet }>(
  hold: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (;;) {
    const held = await hold();
    if (signal?.aborted || !held.set.isOvertaken) return held;
    await held.set.undo();
  }
}
