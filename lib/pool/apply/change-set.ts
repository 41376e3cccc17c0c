import type { ServerSettings } from '../../config/server-settings.js';
import type { ServerError } from '../../errors/server.error.js';
import type { ChangeKind } from '../../server/endpoint/change-kind.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { turnShare } from '../../server/lifecycle/turn-share.js';
import type { PoolMembers } from '../members/pool-members.js';
import { HeldServers, type ChangeParts } from './held-servers.js';
import { inTurns } from './in-turns.js';
import { isLost, takenAddresses } from './taken.js';
import { commitStaged, isKept, letGo, stageChange, type Staged } from './staged.js';

/** How changes are staged. */
interface StageContext {
  /** Whether what comes, or is enabled, is to be started, as things are now. */
  readonly starts: () => boolean;
  /** Gives the staging up. */
  readonly signal: AbortSignal;
}

/** What changes take, and why that could not be told of some. */
interface Look {
  readonly kinds: ReadonlyMap<ServerSettings, ChangeKind>;
  readonly errors: ServerError[];
}

/** A server, and what is left to be done for it after a change. */
export interface Remainder {
  readonly server: PooledServer;
  readonly done: Promise<unknown>;
}

/**
 * A change of the pool that concerns several servers. All that can fail (certificates, handlers, new
 * addresses) is staged for all of them first; then the change itself happens within one turn of the
 * event loop, so that no request sees half of it. Meanwhile the servers are held: what is called on
 * them waits until it is done.
 */
export class ChangeSet {
  private staged: readonly Staged[] = [];
  /** Resolves when those that it held are let go, if it is in force. */
  released: Promise<void> = Promise.resolve();

  private constructor(
    private readonly parts: ChangeParts,
    private readonly held: HeldServers,
    private readonly members: PoolMembers,
  ) {}

  static async hold(parts: ChangeParts, members: PoolMembers): Promise<ChangeSet> {
    const held = await HeldServers.hold(parts, members.departures);
    return new ChangeSet(held.withoutLost(parts), held, members);
  }

  /** Another server has taken the place of one that it changes or removes while this was waited for. */
  get isOvertaken(): boolean {
    const { changes, removed } = this.parts;
    const present = changes.filter(({ isNew }) => !isNew).map(({ server }) => server);
    return [...present, ...removed].some((server) => this.members.displaced.has(server));
  }

  /** What is ready to be put in force. */
  get ready(): readonly Staged[] {
    return this.staged;
  }

  /** The servers that leave. */
  get removed(): readonly PooledServer[] {
    return this.parts.removed;
  }

  /** How many servers are to change, those left out that have turned out to be equal. */
  get changing(): number {
    return this.parts.changes.length - this.staged.filter(isKept).length;
  }

  /** Calls back when a server that is to leave is stopped meanwhile; returns what forgets that. */
  onStopOf(server: PooledServer, listener: () => void): () => void {
    return this.held.of(server).onStop(listener);
  }

  /** A server that changes is to stop when this is over: then it need not be had what it would serve with. */
  get isStopAsked(): boolean {
    return this.parts.changes.some(({ server }) => this.held.of(server).isStopAsked);
  }

  /** Stages all; returns why some could not be. */
  async stage(context: StageContext): Promise<ServerError[]> {
    const { changes } = this.parts;
    // What comes does not belong to the pool yet, and knows nothing of its signal.
    const isWanted = (): boolean => !this.members.signal?.aborted && context.starts();
    for (;;) {
      const starts = isWanted();
      const { results, errors } = await inTurns(changes, (each) =>
        stageChange(each, this.held, { starts, signal: context.signal }),
      );
      this.staged = results;
      // What comes next is done at once: it begins in a turn that it need not share with the staging.
      await turnShare();
      // The pool was started meanwhile: then what comes has to start, which can fail as well.
      if (errors.length > 0 || starts || !isWanted()) return errors;
      await this.discard();
    }
  }

  /** Finds out what the changes take, which binds nothing. */
  async look(signal: AbortSignal): Promise<Look> {
    const kinds = new Map<ServerSettings, ChangeKind>();
    const { errors } = await inTurns(this.parts.changes, async ({ server, settings }) => {
      kinds.set(settings, await this.held.of(server).kindOf(settings, signal));
    });
    return { kinds, errors };
  }

  /** What came into the pool, or changed in it, while this was staged, and is in its way. */
  conflicts(): ServerError[] {
    const { changes, removed } = this.parts;
    const { members } = this;
    const moving = this.staged.filter(
      (each) => !members.index.isFiledAs(each.server, each.settings) && !isLost(each, members),
    );
    if (moving.length === 0) return [];
    const present = changes.filter(({ isNew }) => !isNew).map(({ server }) => server);
    const ours = new Set([...removed, ...changes.map(({ server }) => server)]);
    const faults = moving.flatMap(
      ({ server, settings }) => members.faultOf(server, settings, (other) => ours.has(other)) ?? [],
    );
    const concerned = [...removed, ...present, ...this.held.lost];
    return [...faults, ...takenAddresses(moving, concerned, members)];
  }

  /** Takes all back; returns the errors of those that could not get their address back. */
  async undo(): Promise<ServerError[]> {
    await this.discard();
    return this.held.restore();
  }

  /**
   * Puts in force what is accepted, and lets it go; the rest is left to {@link undo}. Synchronous up to
   * its end: what is awaited afterwards is only the drain of what has left.
   */
  commit(accepts: (staged: Staged) => boolean = () => true): Remainder[] {
    const { held, members } = this;
    const accepted: Staged[] = [];
    const refused: Staged[] = [];
    const left: Remainder[] = [];
    const ready: PooledServer[] = [];
    for (const each of this.staged) {
      if (isLost(each, members)) left.push({ server: each.server, done: letGo(each, held) });
      else if (isKept(each)) ready.push(each.server);
      else (accepts(each) ? accepted : refused).push(each);
    }
    this.staged = refused;
    for (const server of [...ready, ...accepted.map((each) => each.server)])
      members.arrivals.end(server);
    const changed: { server: PooledServer; moved: Promise<void> | undefined }[] = [];
    const put = (each: Staged): void => {
      changed.push({ server: each.server, moved: commitStaged(each) });
    };
    const replaced = new Set(accepted.map(({ replaces }) => replaces));
    const { removed } = this.parts;
    const leaving = removed.filter(
      (server) => replaced.has(server) || members.remove(server) || members.leaving.has(server),
    );
    // New servers come last: till then another one may stand on their address, or have their name.
    for (const each of accepted) if (!each.isNew) put(each);
    for (const each of accepted) {
      if (!each.isNew) continue;
      if (each.replaces) members.replace(each.replaces, each.server);
      else members.add(each.server, each.slot);
      put(each);
    }
    for (const server of leaving) left.push({ server, done: members.stop(server) });
    held.releaseLeaving();
    // Not before those are in force that take over its address.
    for (const { server, moved } of changed) {
      const hold = held.of(server);
      const done = moved ?? hold.stopDisabled();
      if (done) left.push({ server, done: done.finally(() => hold.release()) });
      else ready.push(server);
    }
    this.released = this.release(ready);
    return left;
  }

  private async release(servers: readonly PooledServer[]): Promise<void> {
    for (const server of servers) {
      await turnShare();
      this.held.of(server).release();
    }
  }

  /** First all of it: an address can be bound again only when nobody else is bound on it. */
  private async discard(): Promise<void> {
    const { staged } = this;
    this.staged = [];
    await Promise.allSettled(staged.map(({ change }) => change.discard()));
  }
}
