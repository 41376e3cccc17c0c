import type { ConfigIssue } from '../../errors/server.error.js';
import { joinPath } from '../rules/key-path.js';
import type { ServerConfig } from '../server.config.js';

/**
 * What the contract has and this version does not. Refused, for a config that asks for it would run
 * without it. Remove an entry when its feature arrives; remove the file after the last.
 */
export function notYetAvailable(config: ServerConfig, path: string): ConfigIssue[] {
  const { proxyProtocol } = config;
  if (proxyProtocol !== 'optional' && proxyProtocol !== 'required') return [];
  const message = `'${proxyProtocol}' is not available in this version, give 'off'`;
  return [{ path: joinPath(path, 'proxyProtocol'), message }];
}
