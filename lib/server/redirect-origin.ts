import { quote } from '../config/redact.js';
import type { ServerSettings } from '../config/server-settings.js';
import type { ConfigIssue } from '../errors/server.error.js';

/** A server that others redirect to. */
export interface RedirectTarget {
  readonly disabled: boolean;
  /** What a client should use. */
  readonly expose: string;
}

/** Finds the origin of the server that another one redirects to; tells once why there is none. */
export class RedirectOrigin {
  private told: string | undefined;

  constructor(
    private readonly find: (name: string) => RedirectTarget | undefined,
    private readonly tell: (text: string) => void,
  ) {}

  of(name: string): string | undefined {
    const target = this.find(name);
    const origin = target && originOf(target);
    const reason = reasonAgainst(target, origin);
    if (reason === undefined) {
      this.told = undefined;
      return origin;
    }
    const text = `requests are answered 503, for ${quote(name)}, which it redirects to, ${reason}`;
    if (text !== this.told) this.tell(text);
    this.told = text;
    return undefined;
  }
}

function reasonAgainst(
  target: RedirectTarget | undefined,
  origin: string | undefined,
): string | undefined {
  if (target === undefined) return 'is not in the pool';
  if (target.disabled) return 'is disabled';
  if (origin === undefined) return 'has no URL: give it `expose`';
  return origin.endsWith(':0') ? 'is not bound' : undefined;
}

/** A unix socket that is not exposed has none. */
function originOf({ expose }: RedirectTarget): string | undefined {
  return /^https?:/.test(expose) ? new URL(expose).origin : undefined;
}

/** The fault of a server in no pool that redirects to another one. */
export function redirectFaultAlone({ redirectTo }: ServerSettings): ConfigIssue | undefined {
  if (redirectTo?.server === undefined) return undefined;
  const message =
    `got ${quote(redirectTo.server)}, but a server in no pool knows no other one: give an origin such as ` +
    "'https://example.com', or make it by a pool (`storeNew`, `apply`)";
  return { path: 'redirectTo', message };
}
