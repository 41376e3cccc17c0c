import type { ServerOptions } from '../config/server.config.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import type { HandlerSource } from '../handler/handler.js';
import { workerHost } from '../server/listener/worker-host.js';
import type { DrainReport } from '../server/server-state.js';
import type { ApplyListener } from './apply/apply-outcome.js';
import type { PoolPlan } from './apply/apply-plan.js';
import { headline, throwIfAny } from './members/gather.js';
import {
  readApplyOptions,
  readCloneOptions,
  readRestartOptions,
  readStartOptions,
  readStopOptions,
  type ApplyOptions,
  type CloneOptions,
  type RestartAllOptions,
  type StartAllOptions,
  type StopAllOptions,
} from './group.options.js';
import { restartAll, startAll, stopAll } from './group-operations.js';
import { makePoolParts, readPoolParts, type PoolInside } from './pool-parts.js';
import type { PoolOptions } from './pool.options.js';
import { ServerCollection } from './server-collection.js';
import type { ServerField } from './members/server-query.js';

/**
 * Several HTTP servers under one roof. Group operations run for all servers at once and gather
 * every outcome.
 */
export class Pool extends ServerCollection {
  /**
   * @throws PoolError `ERR_POOL_VALIDATE` for handlers that are not valid and for such a default TLS,
   *   whether or not a server inherits it; `ERR_POOL_ADD` for servers that can't be in one pool, or are none
   */
  constructor(options?: PoolOptions | null);
  /** @internal */
  constructor(options: PoolOptions | null, inside: PoolInside | undefined);
  constructor(options: PoolOptions | null = {}, inside?: PoolInside) {
    super(inside?.parts ?? readPoolParts(options ?? {}), inside?.matches);
    if (inside?.matches !== undefined) return;
    const { servers, signal } = this.options;
    this.addAll(servers ?? []);
    this.members.stopWith(signal, () => this.stop());
  }

  /**
   * Starts all that are stopped or failed, at once; those running are left alone.
   *
   * @param options.signal Aborted before: nothing is started. Aborted meanwhile: what this call
   *   has started stops again, and is stopped when the call rejects
   * @throws PoolError `ERR_POOL_START` naming each server that failed; the others keep running. Once
   *   the signal of the pool has aborted nothing starts
   */
  async start(options?: StartAllOptions | null): Promise<void> {
    const { signal } = readStartOptions(options);
    const { members } = this;
    const isStopped = members.activity.stoppedSince();
    const isWanted = (): boolean => (this.isWhole ? members.activity.isStarted : !isStopped());
    const start = (): Promise<void> =>
      startAll(() => this.servers(), { signal, members, isWanted });
    const starting = this.turnsOn ? members.activity.startWhile(signal, start) : start();
    if (this.isWhole) workerHost()?.starting(this, starting);
    await starting;
  }

  /**
   * Drains and stops all, those with `shutdown.last` after the others. Servers that come meanwhile
   * stop too, unless the pool is started again.
   *
   * @param options.timeout The grace, instead of each server's `shutdown.timeout`
   * @param options.signal When it aborts, what is left is cut
   * @returns A report for each server that was not stopped already
   * @throws PoolError `ERR_POOL_STOP` naming each server that failed to close, or the `timeout` that is no
   *   duration: then nothing is stopped
   */
  async stop(options?: StopAllOptions | null): Promise<DrainReport[]> {
    const how = readStopOptions(options);
    const { members } = this;
    const { activity } = members;
    const isUp = (): boolean => !this.isWhole || !activity.isStarted;
    // A start that was asked for meanwhile is the last word.
    const stop = (othersDone?: () => Promise<void>): Promise<DrainReport[]> =>
      stopAll(() => (isUp() ? this.servers().filter(({ atRest }) => !atRest) : []), {
        ...how,
        all: this.servers(),
        othersDone,
      });
    if (!this.isWhole) return stop();
    return members.leaving.hurrying(how, () => activity.stopWhile('the pool was stopped', stop));
  }

  /** Stops it, drained: `await using pool = new Pool(…)`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /**
   * Restarts the servers one after the other: new transports on the same sockets, so no connection
   * is refused. Those stopped are started.
   *
   * @param options.concurrency How many at a time, a whole number from 1, or `Infinity`; 1 unless told
   * @throws PoolError `ERR_POOL_RESTART` naming each server that failed, or the `concurrency` that is
   *   none: then nothing is restarted
   */
  async restart(options?: RestartAllOptions | null): Promise<void> {
    const how = readRestartOptions(options);
    const { members } = this;
    const { activity } = members;
    const restart = (): Promise<void> =>
      activity.during((stopped) => restartAll(() => this.servers(), { ...how, stopped, members }));
    await (this.turnsOn ? activity.startWhile(how.signal, restart) : restart());
  }

  /**
   * The servers whose field matches: by the pattern (exact, without regard to case) or the regex. The
   * result is a live view: it shows the servers of this pool that match at the moment of each call,
   * and what is done to it is done to the pool.
   */
  filter(field: ServerField, pattern?: string, regex?: string | RegExp): Pool {
    const matches = this.matcherOf(field, pattern, regex);
    return new Pool(null, {
      parts: this.parts,
      matches: (server) => this.shows(server) && matches(server),
    });
  }

  /** Stopped copies with the same configs, defaults and handlers, which change alone from now on. */
  clone(options?: CloneOptions | null): Pool {
    const { signal } = readCloneOptions(options);
    const { registry } = this;
    // Not among those that a spread copies: see where the options are kept.
    const { defaults } = this.options;
    const copied = { ...this.options, defaults, signal, servers: undefined, handlers: undefined };
    const copy = new Pool(copied, { parts: makePoolParts(copied, registry.clone()) });
    const listed = this.servers().filter((server) => server.listed);
    copy.rewriteSettings(this.members.rewrite);
    const clones = listed.map((server) => server.clone());
    copy.addAll(clones);
    for (const [at, clone] of clones.entries()) {
      clone.copyHandlers(listed[at]!, { from: registry, to: copy.registry });
    }
    return copy;
  }

  /**
   * Takes in the servers of another pool: those on new bind addresses are added (the same objects),
   * those on the same one give their config and own handlers to this pool's server. Queues with `apply`.
   *
   * @throws PoolError `ERR_POOL_ADD` with all faults; what had none is merged
   */
  async merge(other: Pool): Promise<void> {
    if (!Pool.isOne(other)) {
      throw new PoolError(PoolErrorCode.ERR_POOL_PARAM_EMPTY, 'merge needs another pool');
    }
    const { members } = this;
    const servers = other.servers().filter((server) => !members.contains(server));
    const errors = await this.parts.applier.merge(servers);
    throwIfAny(PoolErrorCode.ERR_POOL_ADD, headline(errors, servers, 'merged'), errors);
  }

  /**
   * Sets the shared handlers, effective for the next request; undefined takes them away. In a view
   * they are for the servers that it shows now.
   *
   * @throws PoolError `ERR_POOL_VALIDATE` for a source that is not valid; those before stay
   */
  handler(source: HandlerSource | undefined): void {
    if (this.isWhole) return this.members.setHandlers(source);
    // What the application gives is not of the view: it is the same for all servers, at any time.
    const registry = this.registry.withSourceOf(this.registry);
    registry.setSource(source);
    for (const server of this) server.shareHandlers(registry);
  }

  /** Running servers take up what the registry says now. @internal */
  refreshHandlers(): void {
    for (const server of this) server.refreshHandler();
  }

  /**
   * Makes the pool equal to a list of configs. They are compared by value, what is equal is left
   * alone, and the rest changes with the least it needs. All that can fail is staged before a
   * running server is touched; on a fault the pool is as before. Calls at once queue. Servers that
   * the list adds are started when the pool has been started. Resolves when removed servers are
   * drained. A view compares the servers that it shows.
   *
   * @param options.dryRun Return the plan and change nothing
   * @param options.probation For so long every server that was changed or added must stay healthy; else the
   *   list before is put in force again, and `ERR_POOL_VALIDATE` names what was unhealthy
   * @throws PoolError `ERR_POOL_VALIDATE` with all faults of the list, `ERR_POOL_START` for what
   *   could not be staged (an address in use, say)
   */
  apply(list: readonly ServerOptions[], options?: ApplyOptions | null): Promise<PoolPlan> {
    return this.parts.applier.apply(list, () => {
      return {
        ...readApplyOptions(options),
        concerns: (server) => server.listed && this.shows(server),
      };
    });
  }

  /** Whether a start is one of the whole pool, and may be: what comes later starts as well. */
  private get turnsOn(): boolean {
    return this.isWhole && !this.members.signal?.aborted;
  }

  /** Tells what becomes of each `apply` from now on, until the returned function is called. @internal */
  onApplied(listener: ApplyListener): () => void {
    return this.parts.applier.onApplied(listener);
  }
}
