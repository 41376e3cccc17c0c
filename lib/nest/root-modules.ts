import type { ModulesContainer } from '@nestjs/core';
import { PoolError, PoolErrorCode } from '../errors/pool.error.js';
import type { NestModuleRef } from './internals/nest.js';
import { HTTP_POOL_OPTIONS } from '../http-pool.constants.js';

/** The modules that `forRoot` or `forRootAsync` made. One object imported twice is one module. */
export function rootModules(modules: ModulesContainer): NestModuleRef[] {
  return [...modules.values()].filter((module) => module.providers.has(HTTP_POOL_OPTIONS));
}

/**
 * Two calls would make two pools, and whichever is found first would be injected.
 *
 * @throws PoolError `ERR_POOL_VALIDATE`
 */
export function refuseSecondRoot(modules: ModulesContainer): void {
  const count = rootModules(modules).length;
  if (count < 2) return;
  throw new PoolError(
    PoolErrorCode.ERR_POOL_VALIDATE,
    `HttpPoolModule was set up ${count} times in one application by forRoot or forRootAsync; an ` +
      'application has one pool. Put all servers in one list, add later ones by ' +
      'PoolService.storeNew(), and bind controllers to a server by HttpPoolModule.forFeature()',
  );
}
