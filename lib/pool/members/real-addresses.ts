import { isIP } from 'node:net';
import type { PooledServer } from '../../server/pooled-server.js';

const nowhere: readonly string[] = [];

/**
 * Where a server on port 0 really listens: its host as it was given, and as the system has it, for
 * `localhost` is bound as `127.0.0.1`, say.
 */
export function realAddressesOf({ settings, listener }: PooledServer): readonly string[] {
  if (!settings.bind.ephemeral || listener === undefined) return nowhere;
  const { bind, address } = listener;
  if (bind.host === undefined || isIP(bind.host) !== 0 || !address || !('port' in address)) {
    return [bind.canonical];
  }
  return [bind.canonical, bind.withHost(address.host).canonical];
}
