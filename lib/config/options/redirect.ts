import 'reflect-metadata';
import { handlerKeyOf } from '../handler-key.js';
import { describeValue } from '../redact.js';
import { rule } from '../rules/rule.js';

/** Where a server sends its clients on to. */
export class RedirectConfig {
  /**
   * The name of another server of the pool, or an http or https origin: every request is answered 308
   * (301 for GET and HEAD) to the same path and query there. For a server, that is the origin of its
   * `expose` at that moment; the `Host` that a client names has no part in it. Excludes `handlerKey`.
   *
   * @defaultValue none
   * @see https://www.rfc-editor.org/rfc/rfc9110#name-308-permanent-redirect
   */
  @IsRedirectTarget()
  redirectTo?: string | undefined;
}

/** A server of the pool, by its name, or an origin. */
export type RedirectSettings =
  | { readonly server: string; readonly origin?: undefined }
  | { readonly origin: string; readonly server?: undefined };

export function resolveRedirect({ redirectTo }: RedirectConfig): RedirectSettings | undefined {
  if (redirectTo === undefined) return undefined;
  const origin = isLink(redirectTo) ? originOf(redirectTo) : undefined;
  return Object.freeze(origin === undefined ? { server: redirectTo } : { origin });
}

const GIVE =
  "give the name of another server of the pool, or an origin such as 'https://example.com'";

/** What a rule of `redirectTo` looks at beside it. */
interface Siblings {
  readonly name?: unknown;
  readonly expose?: unknown;
  readonly handlerKey?: unknown;
}

function IsRedirectTarget(): PropertyDecorator {
  return rule('isRedirectTarget', (value, siblings) => {
    if (value === undefined) return [];
    const fault = faultOf(value, siblings);
    return fault === undefined ? [] : [{ text: `got ${describeValue(value)}, ${fault}` }];
  });
}

function faultOf(value: unknown, { name, expose, handlerKey }: Siblings): string | undefined {
  if (typeof value !== 'string' || value === '') return GIVE;
  const origin = isLink(value) ? originOf(value) : undefined;
  if (isLink(value) && origin === undefined) {
    return "give an http or https origin without a path, a query or credentials, such as 'https://example.com'";
  }
  const isItself = origin === undefined ? value === name : origin === originWithin(expose);
  if (isItself) return `which is this server itself: ${GIVE}`;
  const hasKey = typeof handlerKey === 'string' && handlerKeyOf(handlerKey) !== '';
  if (hasKey) return 'but a server that redirects has no handler: leave it out, or `handlerKey`';
  return undefined;
}

/** A name may be any line of text, but one with `://` is meant as a URL. */
function isLink(text: string): boolean {
  return text.includes('://');
}

/** Undefined for what is more than an origin, or none. */
function originOf(text: string): string | undefined {
  // The parser drops some of these, or reads them as another.
  if (/[\s\p{Cc}\\?#@]/u.test(text) || !URL.canParse(text)) return undefined;
  const { protocol, pathname, origin } = new URL(text);
  return /^https?:$/.test(protocol) && pathname === '/' ? origin : undefined;
}

function originWithin(expose: unknown): string | undefined {
  return typeof expose === 'string' && URL.canParse(expose) ? new URL(expose).origin : undefined;
}
