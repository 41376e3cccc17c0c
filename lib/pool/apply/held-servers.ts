import type { BindAddress } from '../../config/address/bind-address.js';
import type { ServerSettings } from '../../config/server-settings.js';
import { ServerError } from '../../errors/server.error.js';
import type { Listener } from '../../server/listener/listener.js';
import type { PooledServer } from '../../server/pooled-server.js';
import type { Hold } from '../../server/lifecycle/hold.js';

interface Changing {
  readonly server: PooledServer;
  readonly planned: { readonly settings: ServerSettings; readonly action: string };
}

/**
 * The servers that an `apply` holds: those it changes, and of those it removes the ones whose
 * address another one comes to. A stop, say, between the staging and the change would close a
 * listener that is to be taken over.
 */
export class HeldServers {
  private constructor(
    private readonly holds: ReadonlyMap<PooledServer, Hold>,
    private readonly leaving: readonly PooledServer[],
    private readonly moving: readonly PooledServer[],
  ) {}

  /** Asks for all at once, in one turn: two that ask bit by bit could wait for each other. */
  static async hold(
    changing: readonly Changing[],
    removed: readonly PooledServer[],
  ): Promise<HeldServers> {
    const wanted = changing.map(({ planned }) => planned.settings.bind);
    const leaving = removed.filter((server) => {
      const bind = bindOf(server);
      return wanted.some((each) => each.overlaps(bind));
    });
    const moving = changing.filter(({ planned }) => planned.action === 'rebind');
    const servers = [...changing.map(({ server }) => server), ...leaving];
    const holds = await Promise.all(
      servers.map(async (server) => [server, await server.hold()] as const),
    );
    return new HeldServers(
      new Map(holds),
      leaving,
      moving.map(({ server }) => server),
    );
  }

  of(server: PooledServer): Hold {
    return this.holds.get(server) as Hold;
  }

  /** The listeners that their servers leave: who comes to such an address takes it over. */
  vacated(): Listener[] {
    return [...this.moving, ...this.leaving].flatMap(({ listener }) => listener ?? []);
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

function bindOf({ listener, settings }: PooledServer): BindAddress {
  return listener?.bind ?? settings.bind;
}
