import { isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';

/** Where the page is at home. */
interface PageHome {
  /** Whether the server speaks TLS. */
  readonly secure: boolean;
  /** The public URL of the server. */
  readonly expose: string;
}

/**
 * Why a request may have been sent by another site than the page; undefined: it was not. A browser sends
 * whatever site asks it to, with the operator's address and certificate, so an action is taken only from:
 *
 * - a `Host` that nobody can point at this machine by a DNS record of his own (rebinding);
 * - the page's own `Origin`, where a browser tells one: none that is opaque, none of another port;
 * - the same origin by `Sec-Fetch-Site`, where a browser tells that;
 * - a body type that no form can send, so that another site would have to ask first (CORS).
 *
 * @see https://fetch.spec.whatwg.org/#origin-header
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function foreignBy(request: IncomingMessage, home: PageHome): string | undefined {
  const host = hostOf(request);
  const name = host && nameOf(host);
  if (host === undefined || name === undefined) return 'its Host header is missing or malformed';
  const exposed = urlOf(home.expose);
  const isKnown =
    isIP(unbracketed(name)) !== 0 ||
    name === 'localhost' ||
    (exposed !== undefined && name === exposed.hostname);
  if (!isKnown) {
    return 'its Host is no IP address, not localhost and not the host of `expose`: set `management.expose` to the URL of this page';
  }
  const origins = [urlOf(`${home.secure ? 'https' : 'http'}://${host}`)?.origin, exposed?.origin];
  if (valuesOf(request, 'origin').some((origin) => !origins.includes(origin))) {
    return 'it comes from another origin';
  }
  if (valuesOf(request, 'sec-fetch-site').some((site) => site !== 'same-origin')) {
    return 'it comes from another site';
  }
  return undefined;
}

/** Whether the body is JSON by its type alone: a form can send three types, and this is none of them. */
export function isJsonRequest(request: IncomingMessage): boolean {
  const types = valuesOf(request, 'content-type');
  const [type] = (types[0] ?? '').split(';');
  return types.length === 1 && type?.trim().toLowerCase() === 'application/json';
}

/** Every value that was sent: Node keeps only the first of some headers. */
function valuesOf(request: IncomingMessage, name: string): string[] {
  const { rawHeaders } = request;
  return rawHeaders.filter(
    (_value, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  );
}

/** The one that is meant; undefined where there is none, or more than one. */
function hostOf(request: IncomingMessage): string | undefined {
  const hosts = new Set([...valuesOf(request, ':authority'), ...valuesOf(request, 'host')]);
  const [host] = hosts;
  return hosts.size === 1 ? host?.toLowerCase() : undefined;
}

function nameOf(host: string): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec(host)?.[1];
}

function unbracketed(name: string): string {
  return name.startsWith('[') ? name.slice(1, -1) : name;
}

function urlOf(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
