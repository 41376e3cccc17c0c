import type { ConfigIssue } from '../../errors/server.error.js';
import { joinPath } from '../rules/key-path.js';
import type { ServerConfig } from '../server.config.js';
import type { TlsOptions } from '../options/tls.js';

/**
 * What the contract has and this version does not. Refused, for a config that asks for it would run
 * without it. Remove an entry when its feature arrives; remove the file after the last.
 */
export function notYetAvailable(config: ServerConfig, path: string): ConfigIssue[] {
  const { proxyProtocol, tls } = config;
  const issues = watchNotYetAvailable(tls, joinPath(path, 'tls'));
  if (proxyProtocol === 'optional' || proxyProtocol === 'required') {
    const message = `'${proxyProtocol}' is not available in this version, give 'off'`;
    issues.unshift({ path: joinPath(path, 'proxyProtocol'), message });
  }
  return issues;
}

/** As {@link notYetAvailable}, of TLS options at a path. */
export function watchNotYetAvailable(tls: TlsOptions | undefined, path: string): ConfigIssue[] {
  if (tls?.watch !== true) return [];
  const message = 'true is not available in this version, give false';
  return [{ path: joinPath(path, 'watch'), message }];
}
