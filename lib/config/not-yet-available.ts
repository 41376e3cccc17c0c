import type { ConfigIssue } from '../errors/server.error.js';
import type { ServerConfig } from './server.config.js';

/**
 * What the contract has and this version does not. Refused, for a config that asks for it would run
 * without it. Remove an entry when its feature arrives; remove the file after the last.
 */
export function notYetAvailable(config: ServerConfig, path: string): ConfigIssue[] {
  const { proxyProtocol, tls } = config;
  const asked: [key: string, isAsked: boolean, message: string][] = [
    [
      'proxyProtocol',
      proxyProtocol === 'optional' || proxyProtocol === 'required',
      `'${proxyProtocol}' is not available in this version, give 'off'`,
    ],
    ['tls.watch', tls?.watch === true, 'true is not available in this version, give false'],
  ];
  return asked
    .filter(([, isAsked]) => isAsked)
    .map(([key, , message]) => ({ path: path === '' ? key : `${path}.${key}`, message }));
}
