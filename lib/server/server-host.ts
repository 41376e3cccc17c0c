import type { ServerSettings, SettingsRewrite } from '../config/server-settings.js';
import type { ConfigIssue } from '../errors/server.error.js';
import type { HandlerRegistry } from '../handler/handler-registry.js';
import { redirectFaultAlone, type RedirectTarget } from './redirect-origin.js';
import type { ServerChange } from './server-state.js';

/** What a server belongs to from the outside: its pool, which knows the other servers. */
export interface HostOf<Server extends RedirectTarget> {
  /** The handlers for servers that have none of their own. */
  readonly registry: HandlerRegistry;
  /** Once it has aborted, none of its servers starts. */
  readonly signal?: AbortSignal | undefined;
  /** What it makes of the settings of its servers. */
  readonly rewrite?: SettingsRewrite | undefined;
  /** What speaks against these settings for this server: a name or an address in use. */
  conflicts(settings: ServerSettings, server: Server): ConfigIssue[];
  /** What is wrong with where these settings redirect to, beside the other servers. */
  redirectFault(settings: ServerSettings): ConfigIssue | undefined;
  /** The server that others redirect to by this name. */
  redirectTarget(name: string): Server | undefined;
  changed(server: Server, change: ServerChange): void;
  /** It listens by another socket than before, which is no event to others. */
  relistened(server: Server): void;
}

/** The signal of a host that has aborted. */
export function abortedSignal<Server extends RedirectTarget>(
  hosts: readonly HostOf<Server>[],
): AbortSignal | undefined {
  return hosts.find(({ signal }) => signal?.aborted)?.signal;
}

/** The settings as the hosts would have them. */
export function rewrittenBy<Server extends RedirectTarget>(
  hosts: readonly HostOf<Server>[],
  settings: ServerSettings,
): ServerSettings {
  return hosts.reduce((rewritten, { rewrite }) => rewrite?.(rewritten) ?? rewritten, settings);
}

/** What is wrong with where these settings redirect to: one host that knows the target is enough. */
export function redirectFaultIn<Server extends RedirectTarget>(
  hosts: readonly HostOf<Server>[],
  settings: ServerSettings,
): ConfigIssue | undefined {
  if (hosts.length === 0) return redirectFaultAlone(settings);
  const issues = hosts.map((host) => host.redirectFault(settings));
  return issues.includes(undefined) ? undefined : issues[0];
}

/** The server that others redirect to by this name, of the first host that knows one. */
export function redirectTargetIn<Server extends RedirectTarget>(
  hosts: readonly HostOf<Server>[],
  name: string,
): Server | undefined {
  for (const host of hosts) {
    const target = host.redirectTarget(name);
    if (target) return target;
  }
  return undefined;
}
