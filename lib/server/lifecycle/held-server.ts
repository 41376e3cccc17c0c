import type { ServerSettings } from '../../config/server-settings.js';
import type { ServerError } from '../../errors/server.error.js';
import { startError, type FailedServer } from '../../errors/start-error.js';
import type { LazyAbort } from '../drain/lazy-abort.js';
import type { ChangeKind } from '../endpoint/change-kind.js';
import type { ServerRuntime } from '../endpoint/server-runtime.js';
import type { StagedChange, StageOptions } from '../endpoint/staged-change.js';
import type { Hold } from './hold.js';
import { stoppedWhile } from './lifecycle-errors.js';

/** What stands still. */
export interface HeldLife {
  readonly runtime: Pick<ServerRuntime, 'kindOf' | 'stage'>;
  /** Of the server as it is now, for errors. */
  readonly details: FailedServer;
  /** The parent signal that has aborted: nothing starts after it. */
  abortedSignal(): AbortSignal | undefined;
  /** Puts a change in force, with the state that follows from it. */
  commit(staged: StagedChange): Promise<void> | undefined;
  stopDisabled(): Promise<unknown> | undefined;
  /** Binds an address again that was given up for a change. */
  restore(): Promise<void>;
}

/** A server while it is held: what is staged stays true, for no other transition runs. */
export class HeldServer implements Hold {
  /** @param interruption Of a stop that waits for this */
  constructor(
    private readonly life: HeldLife,
    private readonly interruption: LazyAbort,
    private readonly end: () => void,
  ) {}

  async kindOf(settings: ServerSettings, signal?: AbortSignal): Promise<ChangeKind> {
    const { interruption } = this;
    try {
      return await this.life.runtime.kindOf(settings, { signal, interruption });
    } catch (cause) {
      throw this.failure(settings, cause);
    }
  }

  async stage(settings: ServerSettings, options: StageOptions = {}): Promise<StagedChange> {
    const { life, interruption } = this;
    try {
      const start = options.start && life.abortedSignal() === undefined;
      const staged = await life.runtime.stage(settings, { ...options, interruption, start });
      return { ...staged, commit: () => life.commit(staged) };
    } catch (cause) {
      throw this.failure(settings, cause);
    }
  }

  get isStopAsked(): boolean {
    return this.interruption.aborted;
  }

  onStop(listener: () => void): () => void {
    const { signal } = this.interruption;
    if (signal.aborted) listener();
    signal.addEventListener('abort', listener, { once: true });
    return () => signal.removeEventListener('abort', listener);
  }

  stopDisabled(): Promise<unknown> | undefined {
    return this.life.stopDisabled();
  }

  release(): void {
    this.end();
  }

  restore(): Promise<void> {
    return this.life.restore().finally(this.end);
  }

  private failure({ name, bind }: ServerSettings, cause: unknown): ServerError {
    if (this.interruption.isReason(cause)) {
      return stoppedWhile(this.life.details, 'its config changed', cause);
    }
    return startError({ name, bind: bind.canonical }, cause);
  }
}
