import { unlessAborted } from '../drain/unless-aborted.js';
import type { LazyAbort } from '../drain/lazy-abort.js';
import type { BindNextOptions } from '../listener/bind-next.js';
import type { Listener } from '../listener/listener.js';
import type { ChangeKind } from './change-kind.js';

/** A change that is ready: nothing in {@link commit} can fail. */
export interface StagedChange {
  readonly kind: ChangeKind;
  /** Puts the change in force at once; what it returns, if anything, resolves when an address it leaves is free. */
  commit(): Promise<void> | undefined;
  /** Takes back what the staging bound or made. */
  discard(): Promise<void>;
}

export interface StageOptions {
  /** Bound listeners that other servers leave when the change is in force. */
  readonly vacated?: readonly Listener[];
  /** Start a server that does not run. */
  readonly start?: boolean;
  /** Gives the staging up. */
  readonly signal?: AbortSignal;
  /** Gives it up where it waits for a default TLS. */
  readonly interruption?: LazyAbort;
}

/** Waits for some work of a staging, unless the staging is given up. */
export function unlessGivenUp<T>(
  work: Promise<T>,
  { signal, interruption }: StageOptions,
): Promise<T> {
  return unlessAborted(unlessAborted(work, signal), interruption?.signal);
}

/** How a staging binds an address. */
export function bindOptions(options: StageOptions): BindNextOptions {
  return { vacated: options.vacated, unlessGivenUp: (work) => unlessGivenUp(work, options) };
}
