import { readServerOptions } from '../config/input/read-server-options.js';
import type { ServerOptions } from '../config/server.config.js';
import type { ServerSettings, SettingsRewrite } from '../config/server-settings.js';
import { ServerError, type ConfigIssue } from '../errors/server.error.js';
import type { DefaultTls } from '../tls/default-tls.js';
import type { ServerHandlers } from '../handler/server-handlers.js';
import { beginChange } from '../tls/file-texts.js';
import { checkProbe, checkTls } from '../tls/read-tls.js';

/** How the options of a server are checked beyond their own form. */
interface CheckOptions {
  readonly handlers: ServerHandlers;
  readonly defaultTls: DefaultTls | undefined;
  /** Where the options stand, such as `servers[2]`. */
  readonly path?: string;
  /** Folded into the options before they are validated. */
  readonly defaults?: Partial<ServerOptions>;
  /** What is made of the settings. */
  readonly rewrite?: SettingsRewrite | undefined;
  /** What is wrong with where it redirects to, where the other servers are known. */
  readonly redirectFault?: (settings: ServerSettings) => ConfigIssue | undefined;
}

/**
 * Reads options and all they point at.
 *
 * @throws ServerError `ERR_SERVER_VALIDATE` with every fault
 */
export function readSettings(options: ServerOptions, check: CheckOptions): ServerSettings {
  beginChange();
  const { settings, sound = settings, issues, name, bind } = readServerOptions(options, check);
  const all = [...issues, ...(sound ? settingsIssues(sound, check) : [])];
  if (settings === undefined || all.length > 0) {
    throw ServerError.forConfig(all, { server: name, bind, path: check.path });
  }
  return settings;
}

/** The faults that only show when files are read and handlers are known. */
export function settingsIssues(settings: ServerSettings, check: CheckOptions): ConfigIssue[] {
  const { handlers, defaultTls, path = '' } = check;
  const issues = [
    ...checkTls(settings, defaultTls),
    ...checkProbe(settings, defaultTls),
    ...present(handlers.keyFault(settings)),
    ...present(check.redirectFault?.(settings)),
  ];
  return path === ''
    ? issues
    : issues.map((issue) => ({ ...issue, path: `${path}.${issue.path}` }));
}

function present(issue: ConfigIssue | undefined): ConfigIssue[] {
  return issue === undefined ? [] : [issue];
}
