import type { ServerSettings } from '../../config/server-settings.js';
import { beginChange } from '../../tls/file-texts.js';
import type { ChangeKind } from '../endpoint/change-kind.js';
import type { StagedChange, StageOptions } from '../endpoint/staged-change.js';

/** A server that stands still for a change. */
export interface Hold {
  /** What a config takes. Binds nothing. */
  kindOf(settings: ServerSettings, signal?: AbortSignal): Promise<ChangeKind>;
  /** Does all of a change that can fail. */
  stage(settings: ServerSettings, options?: StageOptions): Promise<StagedChange>;
  /** A stop is asked for that waits for this. */
  readonly isStopAsked: boolean;
  /** Calls back once when a stop is asked for that waits for this; returns what forgets that. */
  onStop(listener: () => void): () => void;
  /**
   * Stops the server where the change in force has disabled it, a failed one too: else it stays failed for ever, or its
   * supervision goes on. Undefined where there is nothing to stop.
   */
  stopDisabled(): Promise<unknown> | undefined;
  /** Ends it when the change is in force. */
  release(): void;
  /** Ends it when the change was discarded: an address that was given up for it is bound again. */
  restore(): Promise<void>;
}

/** A change that is staged under a hold, with the config that it is to. */
interface HeldChange extends StagedChange {
  readonly settings: ServerSettings;
}

/**
 * Stages a change while a server is held, and lets it go when the change is committed or discarded:
 * what was staged stays true until then.
 */
export async function stageUnder(hold: Hold, read: () => ServerSettings): Promise<HeldChange> {
  try {
    beginChange();
    const settings = read();
    const staged = await hold.stage(settings);
    return {
      settings,
      kind: staged.kind,
      commit: async () => {
        try {
          await staged.commit();
          await hold.stopDisabled();
        } finally {
          hold.release();
        }
      },
      discard: async () => {
        await staged.discard();
        await hold.restore();
      },
    };
  } catch (error) {
    await hold.restore();
    throw error;
  }
}
