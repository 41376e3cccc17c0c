import { Injectable } from '@nestjs/common';
import {
  HealthIndicatorService,
  type HealthIndicatorFunction,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import { durationOption, readCallOptions } from '../config/input/call-options.js';
import type { Duration } from '../config/duration.js';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import { noServerNamed } from '../pool/no-server-named.js';
import { PoolService } from '../pool.service.js';
import type { PooledServer } from '../server/pooled-server.js';
import type { ServerHealth } from '../server/server-health.js';
import { checkServer } from './check-server.js';

/** How a server is checked. */
export interface PoolHealthOptions {
  /**
   * How long a check may take, in ms or as `'2s'`; then it is aborted and the server is down. Only a
   * server without a `monitor` is checked; of the others it is read what their monitors know.
   *
   * @defaultValue 5 s
   */
  timeout?: Duration | undefined;
}

/**
 * The health of the pool's servers, for terminus. A result carries `status`, `bind`, `expose`,
 * `state`, `tls`, `uptime` in ms, and `message` when it is not up. Terminus 11 knows no `degraded`: there it
 * is `up` with `degraded: true`. A disabled server is up with
 * `disabled: true`; one that drains is down, for it takes no new work.
 *
 * @see https://docs.nestjs.com/recipes/terminus
 * @example
 * health.check([...pool.indicators()])
 */
@Injectable()
export class PoolHealthIndicator {
  constructor(
    private readonly pool: PoolService,
    private readonly indicator: HealthIndicatorService,
  ) {}

  /**
   * Checks one server.
   *
   * @param key The key of the result.
   * @param server Its name, or its bind address in any spelling; an unknown one is down.
   * @throws PoolError `ERR_POOL_MONITOR` for a `timeout` that is no duration
   */
  async check<const Key extends string>(
    key: Key,
    server: string,
    options: PoolHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const timeoutMs = msOf(options);
    const found = this.pool.get(server) ?? this.pool.load(server);
    if (found === undefined) {
      return this.indicator.check(key).down(noServerNamed(server, this.pool).message);
    }
    return this.checked(key, found, timeoutMs);
  }

  /**
   * An indicator for each server in the pool now, under the server's name.
   *
   * @throws PoolError `ERR_POOL_MONITOR` for a `timeout` that is no duration
   */
  indicators(options: PoolHealthOptions = {}): HealthIndicatorFunction[] {
    const timeoutMs = msOf(options);
    return [...this.pool].map((server) => () => this.checked(server.name, server, timeoutMs));
  }

  /**
   * Checks all servers as one: as healthy as the worst of them, as {@link indicators} would be. The
   * result has `servers` with the result of each by name.
   *
   * @param key The key of the result.
   * @throws PoolError `ERR_POOL_MONITOR` for a `timeout` that is no duration
   */
  async checkPool<const Key extends string>(
    key: Key,
    options: PoolHealthOptions = {},
  ): Promise<HealthIndicatorResult<Key>> {
    const timeoutMs = msOf(options);
    const servers = [...this.pool];
    const results = await Promise.all(servers.map((server) => checkServer(server, timeoutMs)));
    const failing = servers.filter((_, index) => results[index]?.status !== 'up');
    const details = {
      uptime: Math.round(this.pool.uptime()),
      servers: Object.fromEntries(servers.map(({ name }, index) => [name, results[index]])),
      ...(failing.length > 0 && {
        message: `not up: ${failing.map(({ name }) => `'${name}'`).join(', ')}`,
      }),
    };
    return this.result(key, worst(results), details);
  }

  private async checked<const Key extends string>(
    key: Key,
    server: PooledServer,
    timeoutMs: number | undefined,
  ): Promise<HealthIndicatorResult<Key>> {
    const { status, ...details } = await checkServer(server, timeoutMs);
    return this.result(key, status, details);
  }

  private result<const Key extends string>(
    key: Key,
    status: ServerHealth['status'],
    details: Record<string, unknown>,
  ): HealthIndicatorResult<Key> {
    const session = this.indicator.check(key);
    if (status === 'up') return session.up(details);
    if (status === 'down') return session.down(details);
    // Terminus 11 has no such status, and drops a result that has it: the health would lack the server.
    return hasDegraded(session)
      ? session.degraded(details)
      : session.up({ ...details, degraded: true });
  }
}

function hasDegraded(session: { degraded?: unknown }): boolean {
  return typeof session.degraded === 'function';
}

function msOf(options: PoolHealthOptions | null): number | undefined {
  const read = readCallOptions(options, ['timeout'], notChecked);
  return durationOption(read, 'timeout', notChecked);
}

function notChecked(key: string, fault: string): PoolError {
  const { ERR_POOL_MONITOR } = PoolErrorCode;
  return new PoolError(ERR_POOL_MONITOR, `No server was checked, ${key}: ${fault}`);
}

function worst(results: readonly ServerHealth[]): ServerHealth['status'] {
  const statuses = results.map(({ status }) => status);
  return statuses.includes('down') ? 'down' : statuses.includes('degraded') ? 'degraded' : 'up';
}
