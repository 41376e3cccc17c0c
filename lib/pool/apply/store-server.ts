import { ServerError } from '../../errors/server.error.js';
import type { FailedServer } from '../../errors/start-error.js';
import { unlessAborted } from '../../server/drain/unless-aborted.js';
import { notStarted, stoppedWhile } from '../../server/lifecycle/lifecycle-errors.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { beginChange } from '../../tls/file-texts.js';
import type { PoolMembers } from '../members/pool-members.js';
import { ChangeSet } from './change-set.js';

interface StoreOptions {
  /** Start it, too. */
  readonly start: boolean;
}

/** A server on its way into the place of another one. */
class Incoming {
  private readonly controller = new AbortController();
  /** The other one was taken out of the pool, and its place with it. */
  isDeleted = false;

  constructor(readonly replaced: PooledServer) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  readonly giveUp = (): void => this.controller.abort(new Error('it was stopped meanwhile'));

  delete(): void {
    this.isDeleted = true;
    this.giveUp();
  }
}

/**
 * Brings a server into a pool. On a free address it is in the pool at once. On the address of another
 * one it comes when it is ready to serve, or when the other one has come to rest: until then the pool
 * is as before, whatever happens.
 */
export class ServerStore {
  private readonly incoming = new Set<Incoming>();

  constructor(private readonly members: PoolMembers) {}

  /** @throws ServerError for a name or an address in use, or what a start throws */
  async store(server: PooledServer, options: StoreOptions): Promise<void> {
    const { index, activity } = this.members;
    if (index.contains(server)) return void this.members.arrivals.end(server);
    const replaced = index.holder(server.settings);
    const issue = this.members.redirectFault(server.settings, replaced);
    if (issue) throw ServerError.forConfig([issue], { server: server.name, bind: server.bind });
    if (replaced === undefined) return this.add(server, options);
    await activity.during((stopped) => this.replace(server, options, stopped));
  }

  /** What was to take the place of this server has nowhere to go any more. */
  giveUpFor(replaced: PooledServer): void {
    for (const each of this.incoming) if (each.replaced === replaced) each.delete();
  }

  private async add(server: PooledServer, { start }: StoreOptions): Promise<void> {
    const { members } = this;
    // Nothing is awaited between coming in and starting: who deletes it meanwhile stops it after.
    members.add(server);
    if (!start || server.isRunning()) return server.takeRewritten();
    members.arrivals.begin(server);
    try {
      await server.start();
      members.arrivals.end(server);
    } catch (error) {
      await this.takeBack(server);
      throw error;
    }
  }

  /** Who holds it, or waits to, comes first: what is put in force for it keeps it here. */
  private async takeBack(server: PooledServer): Promise<void> {
    const hold = server.awaitsChange ? await server.hold() : undefined;
    // A start that was asked for since must not leave it running outside the pool.
    const stopped = this.members.takeBack(server) ? this.members.stop(server) : undefined;
    hold?.release();
    await stopped;
  }

  private async replace(
    server: PooledServer,
    options: StoreOptions,
    stopped: AbortSignal,
  ): Promise<void> {
    const { index } = this.members;
    // Others come and go while it waits for its turn: then all is looked at again.
    for (;;) {
      const replaced = index.holder(server.settings);
      if (index.contains(server)) return void this.members.arrivals.end(server);
      if (replaced === undefined) return this.add(server, options);
      const fault = this.members.faultOf(server, server.settings, (other) => other === replaced);
      if (fault) throw fault;
      if (replaced.atRest && !options.start) return this.members.replace(replaced, server);
      const incoming = new Incoming(replaced);
      if (stopped.aborted) incoming.giveUp();
      this.incoming.add(incoming);
      stopped.addEventListener('abort', incoming.giveUp, { once: true });
      try {
        if (await this.takePlace(server, incoming, options)) return;
      } finally {
        stopped.removeEventListener('abort', incoming.giveUp);
        this.incoming.delete(incoming);
      }
    }
  }

  /** Returns false where things have changed so much that it has to be tried anew. */
  private async takePlace(
    server: PooledServer,
    incoming: Incoming,
    { start }: StoreOptions,
  ): Promise<boolean> {
    const { members } = this;
    const { index } = members;
    const { replaced, signal } = incoming;
    // Nothing is awaited where nothing is under way: what is called next comes after this.
    if (server.isBusy) await whenIdle(server, signal);
    if (signal.aborted) return this.giveUp(server, incoming);
    if (index.holder(server.settings) !== replaced) return false;
    const { settings } = server;
    if (start && !settings.disabled && members.signal?.aborted) {
      throw notStarted(detailsOf(server), members.signal);
    }
    const change = { server, settings, isNew: true, replaces: replaced };
    beginChange();
    const set = await ChangeSet.hold({ changes: [change], removed: [replaced] }, members);
    if (signal.aborted) {
      await set.undo();
      return this.giveUp(server, incoming);
    }
    const forget = set.onStopOf(replaced, incoming.giveUp);
    const isAsBefore = (): boolean =>
      server.settings === settings && index.holder(settings) === replaced;
    const errors: ServerError[] = [];
    if (isAsBefore() && !signal.aborted) {
      const starts = (): boolean => start || replaced.isRunning();
      errors.push(...(await set.stage({ starts, signal })), ...set.conflicts());
    }
    forget();
    if (errors.length > 0 || signal.aborted || !isAsBefore()) {
      await set.undo();
      if (signal.aborted) return this.giveUp(server, incoming);
      if (errors[0] && isAsBefore()) throw errors[0];
      return false;
    }
    for (const { done } of set.commit()) {
      // Of the new one nothing can fail any more, and the drain of the old one is its own affair.
      done.catch((error: unknown) => members.report(error));
    }
    return true;
  }

  /** Returns false where the place has become another's meanwhile, or nobody's. */
  private giveUp(server: PooledServer, { replaced, isDeleted, signal }: Incoming): false {
    if (!isDeleted && !this.members.contains(replaced)) return false;
    throw stoppedWhile(detailsOf(server), 'it started', signal.reason);
  }
}

/**
 * A start of its own may wait for the address of the server that it is to replace. That one is not to be held
 * meanwhile: it could not stop, and both would wait for ever.
 */
async function whenIdle(server: PooledServer, signal: AbortSignal): Promise<void> {
  while (server.isBusy && !signal.aborted) {
    await unlessAborted(server.allDone(), signal).catch(() => undefined);
  }
}

function detailsOf({ name, bind }: PooledServer): FailedServer {
  return { name, bind };
}
