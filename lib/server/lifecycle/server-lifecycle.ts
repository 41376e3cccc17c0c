import type { ServerError } from '../../errors/server.error.js';
import { startError } from '../../errors/start-error.js';
import { Grace } from '../drain/grace.js';
import type { LazyAbort } from '../drain/lazy-abort.js';
import type { StagedChange } from '../endpoint/staged-change.js';
import type { DrainReport } from '../server-state.js';
import { drainReport } from './drain-report.js';
import { HeldServer, type HeldLife } from './held-server.js';
import type { Hold } from './hold.js';
import {
  isAddressInUse,
  listenerLost,
  notClosed,
  notStarted,
  stoppedWhile,
} from './lifecycle-errors.js';
import { ServerLife } from './server-life.js';
import { Supervision } from './supervision.js';

/**
 * The state machine of a server, a queue of transitions: which one runs when, and what state, error
 * and announcement follow from it. The work itself is the runtime's.
 *
 * ```
 * stopped -> starting -> running -> draining -> stopped
 *                 \-> failed <-/ (its listener died)
 * ```
 */
export class ServerLifecycle extends ServerLife implements HeldLife {
  /** Of the stops that are under way or wait for their turn. */
  private graces: readonly Grace[] = [];
  /** Made when there is something to try again. */
  private supervision: Supervision | undefined;
  /** How many hold it, or wait to. */
  private holds = 0;
  /** The stop that follows from a change, while the server is held for it. */
  private heldStop: Promise<DrainReport> | undefined;

  /** How often it was asked for a start or a restart, and for a stop: what came last is what is wanted. */
  startsAsked = 0;
  stopsAsked = 0;
  /** Its stop comes when others have stopped. */
  private isLeaving = false;

  /** A start is under way or waits, be it for an address in use, and no stop behind it. */
  get isStarting(): boolean {
    if (this.supervision?.pending || this.pending('start')) return true;
    if (this.state === 'running') return false;
    if (this.pending('restart')) return true;
    return this.state === 'starting' && !this.awaitsStop;
  }

  /** A stop is under way, waits for its turn, or is to come. */
  get awaitsStop(): boolean {
    return this.isLeaving || this.graces.length > 0;
  }

  /** With `restart` set, an address in use is waited for. */
  start(): Promise<void> {
    this.startsAsked += 1;
    if (this.supervision?.pending) return this.supervision.pending;
    if (this.runtime.settings.supervision) {
      return this.supervise(() => this.startInLine(), isAddressInUse);
    }
    return this.pending<void>('start') ?? this.startInLine();
  }

  /**
   * A stop that is under way is joined, and hurried when it is to take less than it may. It comes
   * after all that was asked for before, but waits with none of it for a default TLS.
   */
  stop(graceMs?: number): Promise<DrainReport> {
    this.stopsAsked += 1;
    // Not where the change at the end of the line is a later one: what comes before that may start it again.
    const isHeldLast = this.holds === 1 && this.pending('change') !== undefined;
    const pending = this.pending<DrainReport>('stop') ?? (isHeldLast ? this.heldStop : undefined);
    if (graceMs !== undefined) this.hurry(graceMs);
    this.supervision?.giveUp();
    this.interrupt();
    if (pending) return pending;
    const grace = this.grant();
    return this.run('stop', () => this.close(grace, graceMs));
  }

  /** Gives the stops that are under way, or wait for their turn, less time. */
  hurry(graceMs: number): void {
    for (const grace of this.graces) grace.hurry(graceMs);
  }

  /**
   * A stop is to come when others have stopped: who wants its address waits from now on. What it was asked for
   * waits for no default TLS any more, as with a stop: an `apply` may wait for that, and hold those others.
   */
  beginLeaving(): void {
    this.isLeaving = this.state === 'running';
    this.runtime.listener?.beginLeaving();
    this.interrupt();
  }

  /** That stop will not come. */
  endLeaving(): void {
    this.isLeaving = false;
    if (this.state === 'running') this.runtime.listener?.endLeaving();
  }

  restart(): Promise<void> {
    this.startsAsked += 1;
    const pending = this.pending<void>('restart');
    return pending ?? this.inLine('restart', (interruption) => this.renew(interruption));
  }

  /** As {@link restart}, of one that its monitor found down: it starts nothing that was stopped. */
  async restartIfRunning(): Promise<void> {
    if (this.state !== 'running' || this.pending('stop')) return;
    await this.inLine('restartIfRunning', async (interruption) => {
      if (this.state === 'running') await this.renew(interruption);
    });
  }

  /** Resolves when all is done that was asked for before. */
  allDone(): Promise<void> {
    return this.run('turn', () => Promise.resolve());
  }

  /** Waits for its turn, then holds every other transition back: what is found stays true. */
  hold(): Promise<Hold> {
    this.holds += 1;
    return new Promise((resolve) => {
      void this.inLine('change', (interruption) => {
        return new Promise<void>((release) => {
          // What was put in force may be let go once more with the rest of its change.
          let isHeld = true;
          const end = (): void => {
            if (isHeld) this.holds -= 1;
            isHeld = false;
            release();
          };
          resolve(new HeldServer(this, interruption, end));
        });
      });
    });
  }

  /** It is held, or somebody waits to hold it: its config may not stay as it is. */
  get awaitsChange(): boolean {
    return this.holds > 0;
  }

  /** The bound socket is of no use any more; with `restart` set, another one is tried for. */
  listenerDied(cause: Error): void {
    if (this.state !== 'running') return;
    this.runtime.bound?.close();
    this.enter('failed', listenerLost(this.details, cause));
    // Behind a stop that waits for its turn a restart would start what was stopped.
    if (!this.runtime.settings.supervision || this.pending('stop')) return;
    // What came before it in the queue, such as a hand-over, may have stopped it for good.
    const attempt = (): Promise<void> =>
      this.inLine('start', async (interruption) => {
        if (this.state === 'failed') await this.open(interruption);
      });
    // What the last try met is the error of the server, and is in the log.
    this.supervise(attempt, () => true).catch(() => undefined);
  }

  /** Of one that is held: binds an address again that was given up for a change. */
  async restore(): Promise<void> {
    // One whose listener died meanwhile gave up no address; it is tried for, or not, as `restart` says.
    if (this.state !== 'running') return;
    const { listener } = this.runtime;
    await this.runtime.restore().catch((error: Error) => this.listenerDied(error));
    if (this.runtime.listener !== listener) this.host.relistened();
  }

  /** Of one that is held: what was asked for meanwhile finds it stopped. */
  stopDisabled(): Promise<DrainReport> | undefined {
    if (!this.runtime.settings.disabled || this.state === 'stopped') return undefined;
    this.supervision?.giveUp();
    this.heldStop = this.close(this.grant()).finally(() => (this.heldStop = undefined));
    return this.heldStop;
  }

  /** Of one that is held: puts a change in force, with the state that follows from it. */
  commit(staged: StagedChange): Promise<void> | undefined {
    const { listener: former } = this.runtime;
    const done = staged.commit();
    const { bound, listener } = this.runtime;
    const isNew = listener !== former;
    // Before the state that follows from it, which is told under the name of the new config.
    if (staged.kind !== 'keep') this.tell({ type: 'config', kind: staged.kind });
    if (this.state !== 'running' && (bound || (isNew && listener?.died))) this.enterRunning();
    if (isNew) this.lookAfterListener();
    return done;
  }

  private startInLine(): Promise<void> {
    return this.inLine('start', (interruption) => this.open(interruption));
  }

  private supervise(
    attempt: () => Promise<void>,
    isWorthIt: (error: unknown) => boolean,
  ): Promise<void> {
    this.supervision ??= new Supervision();
    return this.supervision.run(attempt, () => this.runtime.settings.supervision, isWorthIt);
  }

  private async open(interruption: LazyAbort): Promise<void> {
    if (this.state === 'running' || this.runtime.settings.disabled) return;
    // It stays in the state it is in: a start that must not be is no failure of the server.
    const signal = this.abortedSignal();
    if (signal) throw notStarted(this.details, signal);
    const { error } = this;
    this.enter('starting');
    try {
      await this.runtime.open({ interruption });
    } catch (cause) {
      throw this.failStart(cause, interruption, error);
    }
    this.enterRunning();
    this.lookAfterListener();
  }

  /** @param before Why it could not serve before, though it may have connections from then */
  private failStart(
    cause: unknown,
    { aborted }: LazyAbort,
    before: Error | undefined,
  ): ServerError {
    if (aborted) {
      if (this.runtime.isOpen) this.enter('failed', before);
      else this.enter('stopped');
      return stoppedWhile(this.details, 'it started', cause);
    }
    const error = startError(this.details, cause);
    this.enter('failed', error);
    return error;
  }

  private grant(): Grace {
    const grace = new Grace();
    this.graces = this.graces.concat(grace);
    return grace;
  }

  private async close(
    grace: Grace,
    graceMs = this.runtime.settings.shutdown.timeoutMs,
  ): Promise<DrainReport> {
    const began = performance.now();
    if (this.state === 'running') this.enter('draining');
    try {
      const outcome = await this.runtime.drain(grace, graceMs);
      this.runtime.close();
      const report = drainReport(this.runtime.settings.name, performance.now() - began, outcome);
      this.isLeaving = false;
      if (this.state !== 'stopped') this.enter('stopped', undefined, report);
      if (outcome?.failure) throw notClosed(this.details, outcome.failure);
      return report;
    } finally {
      grace.clear();
      this.graces = this.graces.filter((each) => each !== grace);
    }
  }

  private async renew(interruption: LazyAbort): Promise<void> {
    if (this.state !== 'running') return this.open(interruption);
    try {
      await this.runtime.renew({ interruption });
    } catch (cause) {
      if (interruption.isReason(cause)) throw stoppedWhile(this.details, 'it restarted', cause);
      throw startError(this.details, cause);
    }
    this.restarted();
  }

  /** Nobody was told of it yet when it died between the staging and now. */
  private lookAfterListener(): void {
    const { died } = this.runtime.listener ?? {};
    if (died) this.listenerDied(died);
  }
}
