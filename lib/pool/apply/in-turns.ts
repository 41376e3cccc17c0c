import type { ServerError } from '../../errors/server.error.js';
import { turnShare } from '../../server/lifecycle/turn-share.js';
import { asServerError } from '../members/gather.js';
import type { Change } from './held-servers.js';

interface Outcomes<T> {
  readonly results: T[];
  readonly errors: ServerError[];
}

/**
 * Begins the work for each change in its turn of the event loop, and waits for all of it. The outcomes are in
 * the order of the changes.
 */
export async function inTurns<T>(
  changes: readonly Change[],
  work: (change: Change) => Promise<T>,
): Promise<Outcomes<T>> {
  const results: { readonly result: T }[] = [];
  const errors: ServerError[] = [];
  const begin = async (change: Change, at: number): Promise<void> => {
    try {
      results[at] = { result: await work(change) };
    } catch (error) {
      errors[at] = asServerError(change.server, error);
    }
  };
  const begun: Promise<void>[] = [];
  for (const [at, change] of changes.entries()) {
    await turnShare();
    begun.push(begin(change, at));
  }
  await Promise.all(begun);
  // Neither has an entry where the other has one.
  return { results: results.flatMap(({ result }) => [result]), errors: errors.flat() };
}
