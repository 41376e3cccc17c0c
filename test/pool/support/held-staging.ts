import type { Pool, ServerOptions } from '../../../lib/index.js';
import { tls } from '../../support/certificates.js';
import { gate, type Gate } from '../../support/events.js';
import { LOOPBACK, says } from '../../support/handlers.js';
import type { Opened } from '../../support/opened.js';

export const on = (name: string, more: Partial<ServerOptions> = {}): ServerOptions => {
  return { name, listen: LOOPBACK, ...more };
};

/** Its staging waits for the default TLS, so that a test can do things meanwhile. */
export const late = on('late', { tls: { inheritDefault: true } });

export interface HeldStaging {
  readonly pool: Pool;
  /** Opens when a staging waits. */
  readonly staging: Gate;
  readonly release: Gate;
}

/** A pool that runs, in which an `apply` with {@link late} waits until it is released. */
export async function heldStaging(opened: Opened, ...list: ServerOptions[]): Promise<HeldStaging> {
  const [staging, release] = [gate(), gate()];
  const pool = opened.pool({
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

export const states = (pool: Pool): string[] =>
  [...pool].map(({ name, state }) => `${name} ${state}`);
