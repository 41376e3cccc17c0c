import { Logger } from '@nestjs/common';
import type { HttpAdapterHost, ModulesContainer, NestContainer } from '@nestjs/core';
import { LOG_CONTEXT } from '../http-pool.constants.js';
import type { SettingsRewrite } from '../config/server-settings.js';
import { notValid } from '../pool/apply/create-servers.js';
import { guardedLogger } from '../server/log/guarded-logger.js';
import { PoolService } from '../pool.service.js';
import { readModuleOptions } from './options/read-module-options.js';
import { readDefaultTls } from '../tls/default-tls.js';
import { ApplicationHandlers } from './application-handlers.js';
import { ApplicationLink } from './application-link.js';
import type { ApplicationRoutes } from './application-routes.js';
import { readApplicationServers, serverFaults, withServerFaults } from './application-servers.js';
import { followBootstrap } from './application-management.js';
import { callHooksLast } from './internals/nest.js';
import { noteRoutes, scraping, usableMetrics } from './application-metrics.js';
import { metricsOf, type LoadedMetrics } from '../metrics/load-metrics.js';
import type { FeatureApplications } from './feature/feature-applications.js';
import { refuseSecondRoot, rootModules } from './root-modules.js';
import { provideServers } from './server-providers.js';

/** What the pool is made with, out of Nest's container. */
interface NestParts {
  adapterHost: HttpAdapterHost;
  modules: ModulesContainer;
  container: NestContainer;
  /** Undefined where `forFeature` binds nothing. */
  features: FeatureApplications | undefined;
  routes: ApplicationRoutes;
  /** What metrics go to, where there are some. */
  metrics: LoadedMetrics | undefined;
  /** Of tests. */
  rewrite: SettingsRewrite | undefined;
}

/**
 * Makes the pool of the application from the options; nothing is bound yet.
 *
 * @throws PoolError `ERR_POOL_PARAM_EMPTY` and `ERR_POOL_VALIDATE`, with every fault in one error
 */
export function createPoolService(input: unknown, parts: NestParts): PoolService {
  const { modules, container, rewrite } = parts;
  refuseSecondRoot(modules);
  const options = readModuleOptions(input, (right) => serverFaults(right, rewrite));
  const { handlers, defaults, signal } = options;
  // One that is at fault is told below, along with the faults of the servers.
  const { tls } = readDefaultTls(options.tls);
  const logger = guardedLogger(new Logger(LOG_CONTEXT));
  const { autoStart, logTable, onStartFailure } = options;
  const { adapterHost, features, routes } = parts;
  const application = new ApplicationHandlers({ adapterHost, features, routes, logger });
  const link = new ApplicationLink({
    // And not the rest, which holds keys as they were given, for as long as the pool lives.
    options: { autoStart, logTable, onStartFailure },
    handlers: application,
    logger,
  });
  const ending = link.signalWith(signal);
  const pool = withServerFaults(
    () => new PoolService({ handlers, tls, defaults, signal: ending, logger }, link),
    () => serverFaults({ ...options, handlers: undefined }, rewrite),
  );
  const { registry } = pool;
  application.refuseWithoutHttp(pool);
  pool.rewriteSettings(rewrite);
  const metrics = usableMetrics(parts.metrics, logger);
  const around = { pool, phase: link.phase, tls, logger, rewrite, metrics: scraping(metrics) };
  const { servers, management, errors } = readApplicationServers(options, around);
  if (errors.length > 0) throw notValid(errors);
  registry.reserve(features?.servers ?? []);
  pool.addAll([...servers, management]);
  const watched = { pool, management, features, routes, link, logger };
  followBootstrap(container, watched);
  if (metrics) {
    link.useMetrics(metricsOf(pool, metrics));
    noteRoutes(adapterHost, features);
  }
  provideServers(modules, pool);
  for (const module of rootModules(modules)) callHooksLast(module);
  return pool;
}
