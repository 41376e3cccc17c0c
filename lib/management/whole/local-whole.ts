import type { Pool } from '../../pool/pool.js';
import type { PooledServer } from '../../server/pooled-server.js';
import { knownHealth, type ServerHealth } from '../../server/server-health.js';
import { readiness, type Readiness, type ServerReadiness } from './readiness.js';
import type { StartPhase } from './start-phase.js';
import type { Whole, WholeHealth, WholeMetrics } from './whole.js';

/** This process alone. What it tells is read, and never checked: probes come often, and cost nothing. */
export class LocalWhole implements Whole {
  constructor(
    private readonly pool: Pool,
    /** The one that is asked, which is not what its readiness is about. */
    private readonly asked: PooledServer,
    private readonly phase: StartPhase,
    readonly metrics?: () => Promise<WholeMetrics>,
  ) {}

  readiness(): Readiness {
    const servers: ServerReadiness[] = [];
    for (const server of this.pool) {
      if (server === this.asked) continue;
      const { status, disabled, message } = knownHealth(server);
      servers.push({ name: server.name, status, disabled, message });
    }
    return readiness(servers, this.phase.unready);
  }

  health(): WholeHealth {
    const all = [...this.pool].map((server) => [server.name, knownHealth(server)] as const);
    const those = (isMeant: (health: ServerHealth) => boolean): Record<string, ServerHealth> =>
      Object.fromEntries(all.filter(([, health]) => isMeant(health)));
    const isDown = ({ status }: ServerHealth): boolean => status === 'down';
    const some = (status: ServerHealth['status']): boolean =>
      all.some(([, health]) => health.status === status);
    const degraded = some('degraded') ? 'degraded' : 'ok';
    return {
      status: some('down') ? 'error' : degraded,
      info: those((health) => !isDown(health)),
      error: those(isDown),
      details: those(() => true),
    };
  }

  servers(): object {
    return this.pool.stats();
  }
}
