import { inspect } from 'node:util';

/** So long what is under way may take to end. */
const graceMs = 1_000;

interface Stoppable {
  leave(how: { readonly servesOn: boolean; readonly moves: boolean }): void;
  stop(signal: AbortSignal): Promise<unknown>;
}

/**
 * A worker may answer before its start is over. When an exception ends it then, behind the start of its
 * pool, what it has under way is answered first. An application that handles exceptions itself is left
 * to do so.
 */
export class FailedStart {
  private listener: ((error: unknown) => void) | undefined;

  /** From here on until {@link unwatch}. */
  watch(pools: Stoppable): void {
    if (this.listener) return;
    this.listener = (error) => {
      if (process.listenerCount('uncaughtException') === 1) void end(pools, error);
    };
    process.on('uncaughtException', this.listener);
  }

  unwatch(): void {
    if (this.listener) process.off('uncaughtException', this.listener);
  }
}

async function end(pools: Stoppable, error: unknown): Promise<void> {
  process.stderr.write(`${inspect(error)}\n`);
  pools.leave({ servesOn: true, moves: false });
  await pools.stop(AbortSignal.timeout(graceMs));
  process.exit(1);
}
