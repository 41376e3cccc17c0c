import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { quote } from '../../config/redact.js';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import type { HttpPoolFeatureOptions } from '../../http-pool.options.js';
import { rootModules } from '../root-modules.js';

const HTTP_POOL_FEATURE = 'HTTP_POOL_FEATURE';
const HTTP_POOL_FEATURE_ROOT = 'HTTP_POOL_FEATURE_ROOT';

/** What one call of `forFeature` asked for. */
export interface PoolFeature extends Pick<HttpPoolFeatureOptions, 'setup'> {
  readonly servers: readonly string[];
  readonly controllers: readonly Type[];
}

/** The module of one call of `forFeature`; apart from `HttpPoolModule`, which there is one of. */
@Module({})
export class HttpPoolFeatureModule {}

/**
 * The controllers are providers of this module: so Nest injects into them, collects their guards
 * and pipes and calls their hooks, and its router, which looks for controllers, never sees them.
 */
export function createFeatureModule(options: HttpPoolFeatureOptions): DynamicModule {
  const { server, controllers, imports = [], providers = [], exports = [], setup } = options ?? {};
  const servers = [server].flat().filter((name) => typeof name === 'string' && name !== '');
  if (servers.length === 0) throw empty("`server`: give the name of a server, such as 'admin'");
  if (!Array.isArray(controllers) || (controllers.length === 0 && setup === undefined)) {
    throw empty('`controllers`: give the controllers that the server serves');
  }
  const feature: PoolFeature = { servers: [...new Set(servers)], controllers, setup };
  return {
    module: HttpPoolFeatureModule,
    imports,
    providers: [
      {
        provide: HTTP_POOL_FEATURE_ROOT,
        inject: [ModulesContainer],
        useFactory: (modules: ModulesContainer) => requireRoot(modules, feature),
      },
      ...providers,
      ...controllers,
      { provide: HTTP_POOL_FEATURE, useValue: feature },
    ],
    exports,
  };
}

/** What the calls of `forFeature` in this application asked for, by the key of their module. */
export function featuresOf(modules: ModulesContainer): Map<string, PoolFeature> {
  const features = new Map<string, PoolFeature>();
  for (const [key, module] of modules) {
    const wrapper = module.providers.get(HTTP_POOL_FEATURE);
    if (wrapper) features.set(key, wrapper.instance as PoolFeature);
  }
  return features;
}

/** Nothing else of the pool is made in such an application: its controllers would answer nowhere. */
function requireRoot(modules: ModulesContainer, { servers }: PoolFeature): void {
  if (rootModules(modules).length > 0) return;
  throw new PoolError(
    PoolErrorCode.ERR_POOL_VALIDATE,
    'HttpPoolModule.forFeature needs HttpPoolModule.forRoot or forRootAsync in the same application, ' +
      `with the server ${servers.map(quote).join(', ')} among its servers: import it in the root module`,
  );
}

function empty(what: string): PoolError {
  return new PoolError(
    PoolErrorCode.ERR_POOL_PARAM_EMPTY,
    `HttpPoolModule.forFeature is missing ${what}`,
  );
}
