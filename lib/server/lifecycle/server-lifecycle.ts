import type { ServerSettings } from '../../config/server-settings.js';
import { ServerErrorCode, type ServerError } from '../../errors/server.error.js';
import { noneCut } from '../drain/cut.js';
import { Grace } from '../drain/grace.js';
import type { DrainOutcome } from '../drain/drain.js';
import type { Hold } from './hold.js';
import { InterruptibleQueue } from './interruptible-queue.js';
import type { Interruption } from './interruptible-queue.js';
import { listenerLost, notClosed, notStarted, stoppedWhile } from './lifecycle-errors.js';
import type { Listener } from '../listener/listener.js';
import type { ServerRuntime, StagedChange, StageOptions } from '../endpoint/server-runtime.js';
import type { DrainReport, ServerChange, ServerState } from '../server-state.js';
import { Supervision } from './supervision.js';
import { startError, type FailedServer } from '../../errors/start-error.js';
import { unlessAborted } from '../drain/unless-aborted.js';

/** A hand-over under way: `serving` when the other one serves, `drained` when this one is empty. */
export interface HandOver {
  readonly serving: Promise<void>;
  readonly drained: Promise<DrainReport>;
}

const noGraces: readonly Grace[] = [];

/** Whom a lifecycle belongs to. */
export interface LifecycleHost {
  /** Told of each change when it has happened. */
  changed(change: ServerChange): void;
  /** The parent signal that has aborted: nothing starts after it. */
  endedBy(): AbortSignal | undefined;
}

/**
 * The state machine of a server, a queue of transitions: which one runs when, and what state, error
 * and announcement follow from it. The work itself is the runtime's.
 *
 * ```
 * stopped -> starting -> running -> draining -> stopped
 *                 \-> failed <-/ (its listener died)
 * ```
 */
export class ServerLifecycle extends InterruptibleQueue {
  state: ServerState = 'stopped';
  error: Error | undefined;
  /** Whole ms: a fraction would be an object of its own. */
  private startedAt = 0;
  /** Since when it has not run, in whole ms; 0 while it runs, and before its first start. */
  private downSince = 0;
  /** Of the stops and hand-overs that are under way or wait for their turn. */
  private graces = noGraces;
  /** Made when there is something to try again. */
  private supervision: Supervision | undefined;

  constructor(
    private readonly runtime: ServerRuntime,
    private readonly host: LifecycleHost,
  ) {
    super();
  }

  get uptime(): number {
    return this.state === 'running' ? performance.now() - this.startedAt : 0;
  }

  get downtime(): number {
    return this.downSince === 0 ? 0 : performance.now() - this.downSince;
  }

  /** With `restart` set, an address in use is waited for. */
  start(): Promise<void> {
    const attempt = (): Promise<void> => this.inLine('start', (given) => this.open(given));
    if (this.supervision?.pending) return this.supervision.pending;
    if (this.runtime.settings.restart) return this.supervise(attempt, isPortInUse);
    return this.pending<void>('start') ?? attempt();
  }

  /**
   * A stop that is under way is joined, and hurried when it is to take less than it may; so is the
   * drain after a hand-over. It comes after all that was asked for before, but waits with none of it
   * for a default TLS.
   */
  stop(graceMs?: number): Promise<DrainReport> {
    const pending = this.pending<DrainReport>('stop');
    if (graceMs !== undefined) this.hurry(graceMs);
    this.supervision?.cancel();
    this.interrupt();
    if (pending) return pending;
    const grace = this.grant();
    return this.run('stop', () => this.close(grace, graceMs));
  }

  /** Gives the stops that are under way, or wait for their turn, less time. */
  hurry(graceMs: number): void {
    for (const grace of this.graces) grace.hurry(graceMs);
  }

  restart(): Promise<void> {
    const pending = this.pending<void>('restart');
    return pending ?? this.inLine('restart', (given) => this.renew(given));
  }

  /** As {@link restart}, of one that was found ill: it starts nothing that was stopped. */
  async heal(): Promise<void> {
    if (this.state !== 'running' || this.pending('stop')) return;
    await this.inLine('heal', async (given) => {
      if (this.state === 'running') await this.renew(given);
    });
  }

  /**
   * Leaves the bound socket to another server, which starts on it, and stops without it. Both are
   * held from this moment on, so that what is asked of either comes after. When the other one can't
   * start, nothing has changed; when there is no socket, or it was stopped meanwhile, both are
   * stopped in the end.
   */
  handOver(next: ServerLifecycle): HandOver {
    let offer: (listener: Listener | undefined) => void = () => undefined;
    const offered = new Promise<Listener | undefined>((resolve) => (offer = resolve));
    const opening = next.interruptible();
    const taken = next.inLine('start', () => next.openOn(offered, opening));
    const drained = this.inLine('hand-over', async (interruption) => {
      offer(this.state === 'running' ? this.runtime.bound : undefined);
      const unhook = interruption.onAbort(() => opening.abort());
      // Who stops either of them wants no server here.
      await taken.catch((error: Error) => opening.aborted || Promise.reject(error)).finally(unhook);
      return this.close(this.grant());
    });
    const isFree = taken.then(() => (this.runtime.bound ? drained : undefined));
    return { serving: isFree.then(() => undefined), drained };
  }

  /** Waits for its turn, then holds every other transition back: what is found stays true. */
  hold(): Promise<Hold> {
    return new Promise((resolve) => {
      void this.inLine('change', (interruption) => {
        return new Promise<void>((release) => {
          resolve({
            stage: (settings, options) => this.stage(settings, { ...options, interruption }),
            release,
            restore: () => this.restore().finally(release),
          });
        });
      });
    });
  }

  /** The bound socket is of no use any more; with `restart` set, another one is tried for. */
  listenerDied(cause: Error): void {
    if (this.state !== 'running') return;
    this.runtime.bound?.close();
    this.enter('failed', listenerLost(this.details, cause));
    // Behind a stop that waits for its turn a restart would start what was stopped.
    if (!this.runtime.settings.restart || this.pending('stop')) return;
    // What came before it in the queue, such as a hand-over, may have stopped it for good.
    const attempt = (): Promise<void> =>
      this.inLine('start', async (given) => {
        if (this.state === 'failed') await this.open(given);
      });
    // What the last try met is the error of the server, and is in the log.
    this.supervise(attempt, () => true).catch(() => undefined);
  }

  private supervise(
    attempt: () => Promise<void>,
    isWorthIt: (error: unknown) => boolean,
  ): Promise<void> {
    this.supervision ??= new Supervision();
    return this.supervision.run(attempt, () => this.runtime.settings.restart, isWorthIt);
  }

  /** Starts on the listener that is offered; without one it stays as it is. */
  private async openOn(
    offered: Promise<Listener | undefined>,
    interruption: Interruption,
  ): Promise<void> {
    // Stopped while it waits, it takes nothing.
    const listener = await unlessAborted(offered, interruption.signal).catch(() => undefined);
    if (listener) await this.open(interruption, listener);
  }

  private async open(interruption: Interruption, handedOver?: Listener): Promise<void> {
    if (this.state === 'running' || this.runtime.settings.disabled) return;
    this.refuseWhenEnded();
    this.enter('starting');
    try {
      await this.runtime.open({ vacated: handedOver && [handedOver], interruption });
      this.enterRunning();
    } catch (cause) {
      throw this.failStart(cause, interruption);
    }
  }

  /** Stays in the state it is in: a start that must not be is no failure of the server. */
  private refuseWhenEnded(): void {
    const signal = this.host.endedBy();
    if (signal) throw notStarted(this.details, signal);
  }

  private failStart(cause: unknown, { aborted }: Interruption): ServerError {
    if (aborted) {
      this.enter('stopped');
      return stoppedWhile(this.details, 'it started', cause);
    }
    const error = startError(this.details, cause);
    this.enter('failed', error);
    return error;
  }

  private grant(): Grace {
    const grace = new Grace();
    this.graces = [...this.graces, grace];
    return grace;
  }

  private async close(
    grace: Grace,
    graceMs = this.runtime.settings.shutdown.timeoutMs,
  ): Promise<DrainReport> {
    const began = performance.now();
    const wasServing = this.state === 'running' || this.state === 'failed';
    if (this.state === 'running') this.enter('draining');
    try {
      const outcome = wasServing ? await this.runtime.stop(grace, graceMs) : undefined;
      const report = drainReport(this.runtime.settings.name, outcome, performance.now() - began);
      if (this.state !== 'stopped') this.enter('stopped', undefined, report);
      if (outcome?.failure) throw notClosed(this.details, outcome.failure);
      return report;
    } finally {
      grace.clear();
      this.graces = this.graces.filter((each) => each !== grace);
    }
  }

  private async renew(interruption: Interruption): Promise<void> {
    if (this.state !== 'running') return this.open(interruption);
    try {
      await this.runtime.renew({ interruption });
    } catch (cause) {
      if (interruption.isReason(cause)) throw stoppedWhile(this.details, 'it restarted', cause);
      throw startError(this.details, cause);
    }
    this.startedAt = Math.floor(performance.now());
    this.host.changed({ type: 'restart', state: this.state, previous: this.state });
  }

  private async restore(): Promise<void> {
    // One whose listener died meanwhile gave up no address; it is tried for, or not, as `restart` says.
    if (this.state !== 'running') return;
    await this.runtime.restore().catch((error: Error) => this.listenerDied(error));
  }

  private async stage(
    settings: ServerSettings,
    options: StageOptions & { readonly interruption: Interruption },
  ): Promise<StagedChange> {
    try {
      const start = options.start && this.host.endedBy() === undefined;
      const staged = await this.runtime.stage(settings, { ...options, start });
      return { ...staged, commit: () => this.commit(staged) };
    } catch (cause) {
      if (options.interruption.isReason(cause)) {
        throw stoppedWhile(this.details, 'its config changed', cause);
      }
      throw startError({ name: settings.name, bind: settings.bind.canonical }, cause);
    }
  }

  private commit(staged: StagedChange): Promise<void> {
    const { listener: former } = this.runtime;
    const done = staged.commit();
    const { listener } = this.runtime;
    // Nobody was told of it yet when it died between the staging and now.
    const died = listener === former ? undefined : listener?.died;
    if (this.state !== 'running' && (this.runtime.bound || died)) this.enterRunning();
    if (staged.kind !== 'keep') {
      this.host.changed({
        type: 'config',
        state: this.state,
        previous: this.state,
        kind: staged.kind,
      });
    }
    if (died) this.listenerDied(died);
    return done;
  }

  private enterRunning(): void {
    this.startedAt = Math.floor(performance.now());
    this.enter('running');
  }

  private enter(state: ServerState, error?: Error, report?: DrainReport): void {
    const previous = this.state;
    if (state === 'running') this.downSince = 0;
    else if (this.downSince === 0) this.downSince = Math.floor(performance.now());
    this.state = state;
    this.error = error;
    this.host.changed({ type: 'state', state, previous, error, report });
  }

  private get details(): FailedServer {
    const { name, bind } = this.runtime.settings;
    return { name, bind: bind.canonical };
  }
}

function drainReport(
  server: string,
  { finished, cut, timedOut }: DrainOutcome = { finished: 0, cut: noneCut(), timedOut: false },
  durationMs: number,
): DrainReport {
  return Object.freeze({
    server,
    finished,
    cut: Object.freeze(cut),
    timedOut,
    durationMs: Math.round(durationMs),
  });
}

function isPortInUse(error: unknown): boolean {
  return (error as ServerError).code === ServerErrorCode.ERR_SERVER_PORT_IN_USE;
}
