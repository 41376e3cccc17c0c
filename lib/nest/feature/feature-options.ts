import type { ModuleMetadata, Type } from '@nestjs/common';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import type { HttpPoolFeatureOptions } from '../../http-pool.options.js';
import { controllers, exported, modules, providers } from '../options/module-parts.js';
import {
  fault,
  isBoolean,
  isFunction,
  listOf,
  must,
  type OptionRule,
  type OptionRules,
} from '../options/option-rules.js';
import { readMethodOptions } from '../options/reading-options.js';

type ModuleImports = NonNullable<ModuleMetadata['imports']>;

/** What one call of `forFeature` asked for. */
export interface PoolFeature extends Pick<HttpPoolFeatureOptions, 'setup'> {
  readonly servers: readonly string[];
  readonly controllers: readonly Type[];
  /** Whose controllers the servers serve, and no other. */
  readonly modules: ModuleImports;
  /** Whose controllers the application serves as ever. */
  readonly imports: ModuleImports;
  readonly providers: NonNullable<ModuleMetadata['providers']>;
  readonly exports: NonNullable<ModuleMetadata['exports']>;
  readonly inherit: boolean;
}

const NAME = "the name of a server, such as 'admin'";
const names = listOf((value) => typeof value === 'string' && value !== '', {
  list: `${NAME}, or a list of names`,
  entry: NAME,
});
const server: OptionRule = (value, path) => {
  if (typeof value === 'string') return [];
  return Array.isArray(value)
    ? names(value, path)
    : [fault(value, path, `${NAME}, or a list of names`)];
};

const RULES: OptionRules<keyof HttpPoolFeatureOptions> = {
  server,
  controllers,
  modules,
  imports: modules,
  providers,
  exports: exported,
  setup: must(isFunction, 'a function of the application of a server'),
  inherit: must(isBoolean, 'true or false'),
};

/**
 * @throws PoolError `ERR_POOL_VALIDATE` with all faults; `ERR_POOL_PARAM_EMPTY` without a server, or without
 *   anything for it
 */
export function readFeatureOptions(input: unknown): PoolFeature {
  if (input === undefined || input === null) throw empty(`options: give \`server\`, ${NAME}`);
  const read = readMethodOptions('forFeature', input, RULES) as Partial<HttpPoolFeatureOptions>;
  const { setup, inherit = false, imports = [] } = read;
  const servers = [read.server ?? []].flat().filter((name) => name !== '');
  if (servers.length === 0) throw empty(`\`server\`: give ${NAME}`);
  const { controllers: bound = [], modules: whole = [] } = read;
  if (bound.length + whole.length === 0 && setup === undefined) {
    throw empty('`controllers` or `modules`: give what the server serves');
  }
  return {
    servers: [...new Set(servers)],
    controllers: bound,
    modules: whole,
    imports,
    providers: read.providers ?? [],
    exports: read.exports ?? [],
    setup,
    inherit,
  };
}

function empty(what: string): PoolError {
  const message = `HttpPoolModule.forFeature is missing ${what}`;
  return new PoolError(PoolErrorCode.ERR_POOL_PARAM_EMPTY, message);
}
