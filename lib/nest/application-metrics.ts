import type { AbstractHttpAdapter, HttpAdapterHost } from '@nestjs/core';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import { faultOf, loadMetrics, type LoadedMetrics } from '../metrics/load-metrics.js';
import { noteExpressNotFound } from '../metrics/route/express-route.js';
import { noteFastifyRoutes } from '../metrics/route/fastify-route.js';
import type { WholeMetrics } from '../management/whole/whole.js';
import type { PoolLogger } from '../server/log/pool-logger.js';
import type { FeatureApplications } from './feature/feature-applications.js';
import { unrecorded } from './internals/fastify-calls.js';
import { onAdapter } from './internals/nest.js';
import { readModuleOptions, type ResolvedModuleOptions } from './options/read-module-options.js';

/**
 * Loads what the metrics of an application need; undefined where they are off, or its options are at
 * fault, which is told when they are read.
 *
 * @throws PoolError `ERR_POOL_VALIDATE` when they were asked for, and prom-client is not installed
 */
export async function loadApplicationMetrics(input: unknown): Promise<LoadedMetrics | undefined> {
  const options = optionsOf(input);
  if (options === undefined) return undefined;
  const { metrics: option, management } = options;
  try {
    return await loadMetrics({ option, hasManagement: management !== undefined });
  } catch (error) {
    throw refused((error as Error).message, error);
  }
}

/**
 * What was loaded, where metrics can be on it.
 *
 * @throws PoolError `ERR_POOL_VALIDATE` when they were asked for; if not, the log says why there are none
 */
export function usableMetrics(
  loaded: LoadedMetrics | undefined,
  logger: PoolLogger,
): LoadedMetrics | undefined {
  const fault = loaded && faultOf(loaded);
  if (fault === undefined) return loaded;
  const advice = 'give a registry of its own as `metrics.registry`';
  if (!loaded?.isDefault) throw refused(`metrics: ${fault}, ${advice}`);
  logger.warn(`There are no metrics: ${fault}; ${advice}, or \`metrics: false\``);
  return undefined;
}

/**
 * What `/metrics` answers: all that is on the registry, the application's own metrics among it. Undefined
 * where there is no registry.
 */
export function scraping(
  loaded: LoadedMetrics | undefined,
): (() => Promise<WholeMetrics>) | undefined {
  const { registry } = loaded ?? {};
  if (registry === undefined) return undefined;
  return async () => ({ body: await registry.metrics(), contentType: registry.contentType });
}

/** Has Fastify say which route a request has. Express says it by itself; but which is none, its adapter knows. */
export function noteRoutes(
  adapterHost: HttpAdapterHost,
  features: FeatureApplications | undefined,
): void {
  const note = (adapter: AbstractHttpAdapter | null | undefined): void => {
    const type = adapter?.getType?.();
    if (adapter && type === 'express') noteExpressNotFound(adapter);
    if (!adapter || type !== 'fastify') return;
    unrecorded(() => noteFastifyRoutes(adapter.getInstance()));
  };
  features?.onFreshAdapter(note);
  const { httpAdapter } = adapterHost as { httpAdapter?: AbstractHttpAdapter | null };
  if (httpAdapter) note(httpAdapter);
  // A testing module is given its adapter after its providers were made.
  else onAdapter(adapterHost, () => note(adapterHost.httpAdapter));
}

function optionsOf(input: unknown): ResolvedModuleOptions | undefined {
  try {
    return readModuleOptions(input);
  } catch {
    return undefined;
  }
}

function refused(message: string, cause?: unknown): PoolError {
  return new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, message, [], { cause });
}
