import {
  isPortFree,
  isPortInUse,
  Pool,
  PoolConfig,
  PooledServer,
  PoolHealthIndicator,
} from '../../../lib/index.js';
import { LOOPBACK } from '../../support/handlers.js';

export const web = { name: 'web', listen: LOOPBACK };

export interface Subject {
  readonly pool: Pool;
  readonly server: PooledServer;
}

export type Call = (subject: Subject, options: never) => unknown;

/** Every call that takes options, and one of them. */
export const calls: readonly [name: string, key: string, call: Call][] = [
  ['new Pool', 'handlers', (_, options) => new Pool(options)],
  ['new Pool', 'tls', (_, options) => new Pool(options)],
  ['new Pool', 'logger', (_, options) => new Pool(options)],
  ['new Pool', 'defaults', (_, options) => new Pool(options)],
  ['new Pool', 'servers', (_, options) => new Pool(options)],
  ['PooledServer.create', 'signal', (_, options) => PooledServer.create(web, options)],
  ['PooledServer.create', 'handlers', (_, options) => PooledServer.create(web, options)],
  ['PooledServer.create', 'tls', (_, options) => PooledServer.create(web, options)],
  ['PooledServer.create', 'logger', (_, options) => PooledServer.create(web, options)],
  ['PoolConfig.pool', 'handler', (_, options) => thrownOf(new PoolConfig([web]).pool(options))],
  ['pool.storeNew', 'start', ({ pool }, how) => pool.storeNew({ ...web, name: 'b' }, how)],
  ['pool.start', 'signal', ({ pool }, options) => pool.start(options)],
  ['pool.stop', 'signal', ({ pool }, options) => pool.stop(options)],
  ['pool.stop', 'timeout', ({ pool }, options) => pool.stop(options)],
  ['pool.restart', 'concurrency', ({ pool }, options) => pool.restart(options)],
  ['pool.clone', 'signal', ({ pool }, options) => pool.clone(options)],
  ['pool.apply', 'dryRun', ({ pool }, options) => pool.apply([], options)],
  ['pool.apply', 'probation', ({ pool }, options) => pool.apply([], options)],
  ['server.stop', 'timeout', ({ server }, options) => server.stop(options)],
  ['server.healthCheck', 'signal', ({ server }, options) => server.healthCheck(options)],
  ['server.monitor', 'signal', ({ server }, options) => server.monitor('1', options)],
  ['health.check', 'timeout', ({ pool }, options) => healthOf(pool).check('a', 'web', options)],
  ['health.checkPool', 'timeout', ({ pool }, options) => healthOf(pool).checkPool('a', options)],
  ['health.indicators', 'timeout', ({ pool }, options) => healthOf(pool).indicators(options)],
  ['isPortFree', 'timeout', (_, options) => isPortFree(LOOPBACK, options)],
  ['isPortInUse', 'timeout', (_, options) => isPortInUse(LOOPBACK, options)],
];

export function thrownOf({ error }: { error?: Error }): void {
  if (error) throw error;
}

/** Of a pool that has no application. */
function healthOf(pool: Pool): PoolHealthIndicator {
  return new PoolHealthIndicator(pool as never, {} as never);
}
