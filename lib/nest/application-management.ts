import type { NestContainer } from '@nestjs/core';
import type { ServerSettings } from '../config/server-settings.js';
import type { ServerError } from '../errors/server.error.js';
import type { HttpPoolModuleOptions } from '../http-pool.options.js';
import {
  createManagementServer,
  type ManagementServer,
  type ManagementServerOptions,
} from '../management/management-server.js';
import { readManagement } from '../management/read-management.js';
import type { Pool } from '../pool/pool.js';
import type { PoolLogger } from '../server/log/pool-logger.js';
import type { ApplicationLink } from './application-link.js';
import type { ApplicationRoutes } from './application-routes.js';
import type { FeatureApplications } from './feature/feature-applications.js';
import { watchBootstrap } from './internals/bootstrap.js';

/** The management server of an application, where it has one, or what is wrong with its options. */
export function readManagementServer(
  input: HttpPoolModuleOptions['management'],
  options: ManagementServerOptions,
): { readonly server?: ManagementServer; readonly errors: readonly ServerError[] } {
  if (input === undefined) return { errors: [] };
  try {
    return { server: createManagementServer(input, options), errors: [] };
  } catch (error) {
    return { errors: [error as ServerError] };
  }
}

/** Of the management server, where it has some that are valid: others may redirect to it. */
export function managementSettings(input: HttpPoolModuleOptions['management']): ServerSettings[] {
  const server = input === undefined ? undefined : readManagement(input).settings?.server;
  return server === undefined ? [] : [server];
}

/** Has the management server bound while the application still starts, and all let go when that fails. */
export function followBootstrap(
  container: NestContainer,
  {
    pool,
    management,
    features,
    routes,
    link,
    logger,
  }: {
    pool: Pool;
    management: ManagementServer | undefined;
    features: FeatureApplications | undefined;
    routes: ApplicationRoutes;
    link: ApplicationLink;
    logger: PoolLogger;
  },
): void {
  const isKnown = watchBootstrap(container, {
    routed: () => features?.endRouting(),
    before: async (isHttp) => {
      if (isHttp) routes.end();
      if (management) await link.openAhead(management);
    },
    failed: () => link.close(pool),
  });
  if (isKnown) routes.beginWatch();
  if (isKnown || management === undefined) return;
  logger.warn(
    `${management.name} (${management.bind}): this version of @nestjs/core is not known, so the ` +
      'management server is not there before the other servers',
  );
}
