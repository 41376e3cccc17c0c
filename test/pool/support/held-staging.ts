import type { Pool, ServerOptions } from '../../../lib/index.js';
import { tls } from '../../support/certificates.js';
import { gate, type Gate } from '../../support/events.js';
import { says } from '../../support/handlers.js';
import { Opened } from '../../support/opened.js';
import { on } from './running-pools.js';

/** Its staging waits for the default TLS, so that a test can do things meanwhile. */
export const late = on('late', { tls: { inheritDefault: true } });

export interface HeldStaging {
  readonly pool: Pool;
  /** Opens when a staging waits. */
  readonly staging: Gate;
  readonly release: Gate;
}

/** Pools that run, in which an `apply` with {@link late} waits until it is released. */
export class HeldStagings extends Opened {
  async started(...list: ServerOptions[]): Promise<HeldStaging> {
    const [staging, release] = [gate(), gate()];
    const pool = this.pool({
      handlers: () => ({ default: says('first'), second: says('second') }),
      tls: async () => {
        staging.open();
        await release.opened;
        return tls;
      },
    });
    await pool.apply(list);
    await pool.start();
    return { pool, staging, release };
  }
}
