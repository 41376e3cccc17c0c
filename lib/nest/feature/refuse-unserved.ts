import { quote } from '../../config/redact.js';
import { PoolError, PoolErrorCode } from '../../errors/pool.error.js';
import { ServerError, ServerErrorCode } from '../../errors/server.error.js';
import { handlerKeyOf } from '../../config/handler-key.js';
import { namesOf } from '../../pool/no-server-named.js';
import type { Pool } from '../../pool/pool.js';
import type { PooledServer } from '../../server/pooled-server.js';
import type { PoolFeature } from './feature-options.js';

/**
 * Refuses features whose controllers no server would serve.
 *
 * @throws PoolError `ERR_POOL_VALIDATE` with each of them
 */
export function refuseUnserved(features: Iterable<PoolFeature>, pool: Pool): void {
  const errors: ServerError[] = [];
  for (const feature of features) {
    for (const name of feature.servers) {
      const fault = faultOf(pool.get(name), pool);
      if (fault === undefined) continue;
      const message = `${describe(feature)} can't be bound to the server ${quote(name)}, ${fault}`;
      errors.push(new ServerError(ServerErrorCode.ERR_SERVER_VALIDATE, message, { server: name }));
    }
  }
  if (errors.length === 0) return;
  const headline = 'HttpPoolModule.forFeature names servers that would not serve what it binds';
  throw new PoolError(PoolErrorCode.ERR_POOL_VALIDATE, headline, errors);
}

function describe({ controllers, modules }: PoolFeature): string {
  const names = [...controllers, ...modules].map(nameOf);
  return names.length > 0 ? names.join(', ') : '`setup`';
}

function nameOf(entry: PoolFeature['modules'][number]): string {
  if (typeof entry === 'function') return entry.name;
  return 'module' in entry ? entry.module.name : 'a module';
}

function faultOf(server: PooledServer | undefined, pool: Pool): string | undefined {
  if (server === undefined) return `which is not configured: ${namesOf(pool)}`;
  if (server.settings.redirectTo !== undefined) {
    return 'which redirects its requests and serves nothing: leave its `redirectTo` out, or bind them to another server';
  }
  const key = server.handlerKey();
  if (handlerKeyOf(key) === '') return undefined;
  return (
    `whose handlerKey ${quote(key)} has it serve that entry of \`handlers\` and nothing else: leave ` +
    'its `handlerKey` out, or bind them to another server'
  );
}
