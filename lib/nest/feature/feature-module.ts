import { Module, type DynamicModule } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { quote } from '../../config/redact.js';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import type { HttpPoolFeatureOptions } from '../../http-pool.options.js';
import { rootModules } from '../root-modules.js';
import { readFeatureOptions, type PoolFeature } from './feature-options.js';
import { replaceable } from './replaceable-controllers.js';
import { sameFeature } from './same-feature.js';

const HTTP_POOL_FEATURE = 'HTTP_POOL_FEATURE';
const HTTP_POOL_FEATURE_ROOT = 'HTTP_POOL_FEATURE_ROOT';

/** The module of one call of `forFeature`; apart from `HttpPoolModule`, which there is one of. */
@Module({})
export class HttpPoolFeatureModule {}

/**
 * The module of a call of `forFeature`: the one there is, where a call before asked for the same.
 *
 * @throws PoolError `ERR_POOL_PARAM_EMPTY`, `ERR_POOL_VALIDATE`
 */
export function createFeatureModule(input: HttpPoolFeatureOptions): DynamicModule {
  const options = readFeatureOptions(input);
  return sameFeature(options, () => moduleOf(options));
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

function moduleOf(feature: PoolFeature): DynamicModule {
  return {
    module: HttpPoolFeatureModule,
    imports: [...feature.imports, ...feature.modules],
    controllers: [...feature.controllers],
    providers: [
      {
        provide: HTTP_POOL_FEATURE_ROOT,
        inject: [ModulesContainer],
        useFactory: (modules: ModulesContainer) => requireRoot(modules, feature),
      },
      ...replaceable(feature.controllers),
      ...feature.providers,
      { provide: HTTP_POOL_FEATURE, useValue: feature },
    ],
    exports: [...feature.exports],
  };
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
