import type {
  HandlerEntry,
  Pool,
  PooledServer,
  PoolOptions,
  ServerOptions,
} from '../../../lib/index.js';
import { LOOPBACK } from '../../support/handlers.js';
import { Opened } from '../../support/opened.js';
import { SteadyClients } from '../../support/steady-clients.js';

export const on = (name: string, more: Partial<ServerOptions> = {}): ServerOptions => {
  return { name, listen: LOOPBACK, ...more };
};

export const states = (pool: Pool): string[] =>
  [...pool].map(({ name, state }) => `${name} ${state}`);

/** A server that is there. */
export const get = (pool: Pool, name: string): PooledServer => pool.get(name) as PooledServer;

/** Makes a pool equal to a list of one server, 'a', and returns what that takes. */
export async function change(pool: Pool, options: Partial<ServerOptions>): Promise<string[]> {
  const plan = await pool.apply([on('a', options)]);
  return plan.steps.map(({ action }) => action);
}

/** Pools with these handlers; {@link closeAll} after each test. */
export class RunningPools extends Opened {
  constructor(private readonly handlers: Record<string, HandlerEntry>) {
    super();
  }

  override pool(options: PoolOptions = {}): Pool {
    return super.pool({ handlers: () => this.handlers, ...options });
  }

  /** A pool that runs, of the servers of a list. */
  async started(...list: ServerOptions[]): Promise<Pool> {
    const pool = this.pool();
    await pool.apply(list);
    await pool.start();
    return pool;
  }

  /** Clients that ask one after the other until they are told to end, or the test is over. */
  steady(...urls: string[]): SteadyClients {
    const clients = new SteadyClients(urls);
    this.onClose(() => clients.abort());
    return clients;
  }
}
