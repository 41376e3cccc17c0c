import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { quote } from '../../config/redact.js';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import type { HttpPoolFeatureOptions } from '../../http-pool.options.js';
import { readingOptions } from '../reading-options.js';
import { rootModules } from '../root-modules.js';
import { replaceable } from './replaceable-controllers.js';
import { sameFeature } from './same-feature.js';

const HTTP_POOL_FEATURE = 'HTTP_POOL_FEATURE';
const HTTP_POOL_FEATURE_ROOT = 'HTTP_POOL_FEATURE_ROOT';

type ModuleImports = NonNullable<HttpPoolFeatureOptions['imports']>;

/** What one call of `forFeature` asked for. */
export interface PoolFeature extends Pick<HttpPoolFeatureOptions, 'setup'> {
  readonly servers: readonly string[];
  readonly controllers: readonly Type[];
  /** Whose controllers the servers serve, and no other. */
  readonly modules: ModuleImports;
  /** Whose controllers the application serves as ever. */
  readonly imports: ModuleImports;
  readonly inherit: boolean;
}

/** The module of one call of `forFeature`; apart from `HttpPoolModule`, which there is one of. */
@Module({})
export class HttpPoolFeatureModule {}

/**
 * The module of a call of `forFeature`: the one there is, where a call before asked for the same.
 *
 * @throws PoolError `ERR_POOL_PARAM_EMPTY`, `ERR_POOL_VALIDATE`
 */
export function createFeatureModule(options: HttpPoolFeatureOptions): DynamicModule {
  const copy = readingOptions('forFeature', () => ({ ...options }));
  const feature = readFeature(copy);
  return sameFeature(copy, () => moduleOf(feature, copy));
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

function readFeature(options: HttpPoolFeatureOptions): PoolFeature {
  const { server, controllers = [], modules = [], imports = [], setup, inherit = false } = options;
  const servers = [server].flat().filter((name) => typeof name === 'string' && name !== '');
  if (servers.length === 0) throw empty("`server`: give the name of a server, such as 'admin'");
  if (!Array.isArray(controllers) || !Array.isArray(modules)) {
    throw invalid('`controllers` and `modules` are lists');
  }
  if (typeof inherit !== 'boolean') throw invalid('`inherit` is true or false');
  if (controllers.length + modules.length === 0 && setup === undefined) {
    throw empty('`controllers` or `modules`: give what the server serves');
  }
  return { servers: [...new Set(servers)], controllers, modules, imports, setup, inherit };
}

function moduleOf(feature: PoolFeature, options: HttpPoolFeatureOptions): DynamicModule {
  const { providers = [], exports = [] } = options;
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
      ...providers,
      { provide: HTTP_POOL_FEATURE, useValue: feature },
    ],
    exports,
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

function empty(what: string): PoolError {
  return new PoolError(
    PoolErrorCode.ERR_POOL_PARAM_EMPTY,
    `HttpPoolModule.forFeature is missing ${what}`,
  );
}

function invalid(what: string): PoolError {
  return new PoolError(
    PoolErrorCode.ERR_POOL_VALIDATE,
    `HttpPoolModule.forFeature was given options that are not valid: ${what}`,
  );
}
