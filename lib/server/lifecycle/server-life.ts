import type { FailedServer } from '../../errors/start-error.js';
import type { ServerRuntime } from '../endpoint/server-runtime.js';
import type { DrainReport, ServerChange, ServerState } from '../server-state.js';
import { InterruptibleQueue } from './interruptible-queue.js';

/** Whom a lifecycle belongs to. */
export interface LifecycleHost {
  /** Told of each change when it has happened. */
  changed(change: ServerChange): void;
  /** It listens by another socket than before, though nothing else has changed. */
  relistened(): void;
  /** The parent signal that has aborted: nothing starts after it. */
  abortedSignal(): AbortSignal | undefined;
}

/** The state that a server is in, since when and why: who changes it tells, and in one place. */
export abstract class ServerLife extends InterruptibleQueue {
  private currentState: ServerState = 'stopped';
  private failure: Error | undefined;
  /** Whole ms: a fraction would be an object of its own. */
  private startedAt = 0;
  /** Since when it has not run, in whole ms; 0 while it runs, and before its first start. */
  private downSince = 0;

  constructor(
    readonly runtime: ServerRuntime,
    protected readonly host: LifecycleHost,
  ) {
    super();
  }

  get state(): ServerState {
    return this.currentState;
  }

  /** Why it failed to start, or has failed since; undefined in any other state. */
  get error(): Error | undefined {
    return this.failure;
  }

  get uptime(): number {
    return this.state === 'running' ? performance.now() - this.startedAt : 0;
  }

  get downtime(): number {
    return this.downSince === 0 ? 0 : performance.now() - this.downSince;
  }

  protected enterRunning(): void {
    this.startedAt = Math.floor(performance.now());
    this.enter('running');
  }

  protected enter(state: ServerState, error?: Error, report?: DrainReport): void {
    const previous = this.state;
    if (state === 'running') this.downSince = 0;
    else if (this.downSince === 0) this.downSince = Math.floor(performance.now());
    this.currentState = state;
    this.failure = error;
    this.host.changed({ type: 'state', state, previous, error, report });
  }

  /** It runs on, with a new transport. */
  protected restarted(): void {
    this.startedAt = Math.floor(performance.now());
    this.tell({ type: 'restart' });
  }

  /** What has changed while the state stayed. */
  protected tell(change: Pick<ServerChange, 'type' | 'kind'>): void {
    const { state } = this;
    this.host.changed({ ...change, state, previous: state });
  }

  /** The parent signal that has aborted: nothing starts after it. */
  abortedSignal(): AbortSignal | undefined {
    return this.host.abortedSignal();
  }

  /** For errors. */
  get details(): FailedServer {
    const { name, bind } = this.runtime.settings;
    return { name, bind: bind.canonical };
  }
}
