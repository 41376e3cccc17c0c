import { setTimeout as wait } from 'node:timers/promises';
import { backoffMs } from '../../config/backoff.js';
import type { SupervisionSettings } from '../../config/options/restart.js';

/**
 * Tries something again, with exponential backoff, until it works, the retries are used up, or
 * somebody gives it up.
 */
export class Supervision {
  private running:
    { readonly done: Promise<void>; readonly controller: AbortController } | undefined;

  /** The tries that are under way. */
  get pending(): Promise<void> | undefined {
    return this.running?.done;
  }

  /** Rejects with the last failure. Does not try again what `isWorthIt` says is hopeless. */
  run(
    attempt: () => Promise<void>,
    settings: () => SupervisionSettings | undefined,
    isWorthIt: (error: unknown) => boolean,
  ): Promise<void> {
    const controller = new AbortController();
    const done = tryUntilItWorks(attempt, settings, isWorthIt, controller.signal);
    const entry = { done, controller };
    this.running = entry;
    const finish = (): void => {
      if (this.running === entry) this.running = undefined;
    };
    done.then(finish, finish);
    return done;
  }

  /** No further try; one that is under way ends as it ends. */
  giveUp(): void {
    this.running?.controller.abort();
    this.running = undefined;
  }
}

async function tryUntilItWorks(
  attempt: () => Promise<void>,
  settings: () => SupervisionSettings | undefined,
  isWorthIt: (error: unknown) => boolean,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      // Asked each time: a config may come meanwhile that wants it otherwise.
      const supervision = settings();
      if (!supervision || failures >= supervision.retries || !isWorthIt(error)) throw error;
      await wait(backoffMs(failures + 1, supervision), undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
}
