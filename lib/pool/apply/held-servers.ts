import type { BindAddress } from '../../config/address/bind-address.js';
import { OverlapIndex } from '../../config/address/overlap-index.js';
import type { ServerSettings } from '../../config/server-settings.js';
import { ServerError } from '../../errors/server.error.js';
import type { Listener } from '../../server/listener/listener.js';
import type { PooledServer } from '../../server/pooled-server.js';
import type { Hold } from '../../server/lifecycle/hold.js';
import type { Departures } from '../members/departures.js';

/** A server that is to serve with these settings. */
export interface Change {
  readonly server: PooledServer;
  readonly settings: ServerSettings;
  /** It is not in the pool yet. */
  readonly isNew: boolean;
  /** It is in the pool because of a start that may have failed: then it is started as a new one is. */
  readonly arrives?: boolean;
  /** It is not to be started, though it comes or is enabled. */
  readonly rests?: boolean;
  /** The place in the order that a new one had before. */
  readonly slot?: number | undefined;
  /** The server whose place in the pool it takes. */
  readonly replaces?: PooledServer;
}

/** Who a change concerns: servers that come or change, and servers that leave. */
export interface ChangeParts {
  readonly changes: readonly Change[];
  readonly removed: readonly PooledServer[];
}

/**
 * The servers that a change of the pool holds: those it changes or adds, and of those it removes the
 * ones whose address, or place in the pool, another one comes to or has asked for. A stop, say, between the staging and the change would
 * close a listener that is to be taken over.
 */
export class HeldServers {
  /** The listeners that their servers leave when the change is in force, by address. */
  private readonly vacated = new OverlapIndex<Listener>();

  private constructor(
    private readonly holds: ReadonlyMap<PooledServer, Hold>,
    changes: readonly Change[],
    private readonly leaving: readonly PooledServer[],
    /** Those that were taken out of the pool while they were waited for. */
    readonly lost: ReadonlySet<PooledServer>,
  ) {
    const moving = changes.filter(({ server, settings, isNew }) => {
      return !isNew && !lost.has(server) && !settings.bind.equals(server.settings.bind);
    });
    for (const { listener } of [...moving.map(({ server }) => server), ...leaving]) {
      if (listener) this.vacated.add(listener.bind, listener);
    }
  }

  /** Asks for all at once, in one turn: two that ask bit by bit could wait for each other. */
  static async hold(
    { changes, removed }: ChangeParts,
    departures: Departures,
  ): Promise<HeldServers> {
    const leaving = inTheWay(removed, changes);
    const servers = [...changes.map(({ server }) => server), ...leaving];
    const holds = await Promise.all(servers.map((server) => holdUnlessTaken(server, departures)));
    const lost = new Set(servers.filter((_, at) => holds[at] === undefined));
    const there = servers.flatMap((server, at) => {
      const hold = holds[at];
      return hold === undefined ? [] : [[server, hold] as const];
    });
    const left = leaving.filter((server) => !lost.has(server));
    return new HeldServers(new Map(there), changes, left, lost);
  }

  /** What is left of a change: those that are lost stay as they are, whatever becomes of the others. */
  withoutLost({ changes, removed }: ChangeParts): ChangeParts {
    const { lost } = this;
    return {
      changes: changes.filter(({ server }) => !lost.has(server)),
      removed: removed.filter((server) => !lost.has(server)),
    };
  }

  of(server: PooledServer): Hold {
    return this.holds.get(server) as Hold;
  }

  /** The listeners that are left, and that a server on this address takes over or has to wait for. */
  vacatedFor(bind: BindAddress): Listener[] {
    return this.vacated.overlapping(bind).filter((listener) => listener.bind.overlaps(bind));
  }

  /** Lets those go that are removed. */
  releaseLeaving(): void {
    for (const server of this.leaving) this.of(server).release();
  }

  /** Lets all go as they were; returns the errors of those that could not get their address back. */
  async restore(): Promise<ServerError[]> {
    const running = [...this.holds.keys()].filter((server) => server.isRunning());
    await Promise.all([...this.holds.values()].map((hold) => hold.restore()));
    return running.flatMap((server) => {
      const error = server.getError();
      return error instanceof ServerError ? error : [];
    });
  }
}

/** Of one that is somebody else's by now the hold may come at any time, and is let go at once. */
async function holdUnlessTaken(
  server: PooledServer,
  departures: Departures,
): Promise<Hold | undefined> {
  const asked = server.hold();
  const hold = await departures.unlessTaken(server, asked);
  if (hold === undefined) void asked.then((late) => late.release());
  return hold;
}

/**
 * Those of the removed ones whose address another one comes to. The address is the one they are bound to: it
 * need not be that of their config, for one that was moved and disabled in one change drains where it was.
 * What another one takes the place of is held wherever it is bound; so is what a change is in line for: that
 * was asked for before, and may put another one in its place.
 */
function inTheWay(
  removed: readonly PooledServer[],
  changes: readonly Change[],
): readonly PooledServer[] {
  if (removed.length === 0) return removed;
  const wanted = new OverlapIndex<BindAddress>();
  for (const { settings } of changes) wanted.add(settings.bind, settings.bind);
  const replaced = new Set(changes.map(({ replaces }) => replaces));
  return removed.filter((server) => {
    if (server.awaitsChange || replaced.has(server)) return true;
    const bind = bindOf(server);
    return wanted.overlapping(bind).some((each) => each.overlaps(bind));
  });
}

export function bindOf({ listener, settings }: PooledServer): BindAddress {
  return listener?.bind ?? settings.bind;
}
