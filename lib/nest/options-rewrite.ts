import { isRecord } from '../config/record.js';
import type { ServerOptions } from '../config/server.config.js';
import type { Pool } from '../pool/pool.js';
import type { ResolvedModuleOptions } from './options/read-module-options.js';

/** Makes other options of those of a server, before they are read; of the `defaults` too. */
export type OptionsRewrite = (options: Partial<ServerOptions>) => Partial<ServerOptions>;

/** The options of the module with those of every server rewritten. */
export function rewriteModuleOptions(
  options: ResolvedModuleOptions,
  rewrite: OptionsRewrite,
): ResolvedModuleOptions {
  const { servers, defaults, management } = options;
  return {
    ...options,
    servers: servers.map((server) => rewritten(server, rewrite)),
    ...(defaults && { defaults: rewrite(defaults) }),
    ...(management !== undefined && { management: rewrittenManagement(management, rewrite) }),
  };
}

/** Has the pool rewrite what it is given later. */
export function rewriteLaterOptions(pool: Pool, rewrite: OptionsRewrite): void {
  const storeNew = pool.storeNew.bind(pool);
  const apply = pool.apply.bind(pool);
  pool.storeNew = (options, ...rest) => storeNew(rewritten(options, rewrite), ...rest);
  pool.apply = (list, ...rest) =>
    apply(Array.isArray(list) ? list.map((one) => rewritten(one, rewrite)) : list, ...rest);
}

function rewrittenManagement(
  management: NonNullable<ResolvedModuleOptions['management']>,
  rewrite: OptionsRewrite,
): ResolvedModuleOptions['management'] {
  if (typeof management === 'string') return rewrite({ listen: management }).listen;
  return { ...management, ...rewrite(management) };
}

/** What is no object is left to be told as the fault that it is. */
function rewritten(server: ServerOptions, rewrite: OptionsRewrite): ServerOptions {
  return isRecord(server) ? (rewrite(server) as ServerOptions) : server;
}
