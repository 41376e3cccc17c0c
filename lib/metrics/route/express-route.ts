import type { IncomingMessage } from 'node:http';
import { warnOnce } from '../../errors/warn-once.js';

/*
 * What is not of Express's documented surface, and is used all the same. Read from express 5.3.0 with
 * router 2.3.0, and express 4.22.3; `test/metrics/routes.e2e-spec.ts` fails where a new version differs. Where
 * the router of an application is not found, that is said once; where a mount is not, the route is not known.
 */

/** A path as it was given to `use()`, or to a method of a router. */
type Pattern = string | RegExp;

/** A route: `request.route`, which is documented. */
interface Route {
  readonly path: Pattern | readonly Pattern[];
  readonly stack?: readonly { readonly handle?: unknown }[];
}

/** One entry of the stack of a router. */
interface Layer {
  readonly route?: Route;
  /** True for a `use()` without a path. */
  readonly slash?: boolean;
  /** The same in Express 4. */
  readonly regexp?: { readonly fast_slash?: boolean };
  /** As it was given. Versions of the router before 2.3 don't keep it. */
  readonly rawPath?: Pattern | readonly Pattern[];
  /** A router has a stack of its own. */
  readonly handle?: { readonly stack?: readonly Layer[]; readonly name?: string };
  /** Of the versions that keep the path: what of it matched, and by which of the patterns. */
  match?(path: string): { readonly path: string; readonly pattern: Pattern } | boolean;
}

interface Router {
  readonly stack?: readonly Layer[];
}

interface Application {
  readonly parent?: Application;
  readonly router?: Router;
  /** Of Express 4, whose `router` throws. */
  readonly _router?: Router;
  readonly lazyrouter?: unknown;
}

interface ExpressRequest extends IncomingMessage {
  readonly app?: Application;
  readonly baseUrl?: string;
  readonly route?: Route;
}

/** The mounts in front of a route, outermost first. */
type Mounts = readonly Layer[];

/** What answers where no route matched: with a prefix, Nest's adapter makes routes of it. */
const notFoundHandlers = new WeakSet<object>();

/** An adapter of Nest. */
interface Adapter {
  setNotFoundHandler?: (handler: object, ...rest: unknown[]) => unknown;
}

/** Has an adapter say what it answers with where no route matched. */
export function noteExpressNotFound(adapter: object): void {
  const owner = adapter as Adapter;
  const { setNotFoundHandler } = owner;
  if (typeof setNotFoundHandler !== 'function') return;
  owner.setNotFoundHandler = (handler, ...rest) => {
    notFoundHandlers.add(handler);
    return Reflect.apply(setNotFoundHandler, owner, [handler, ...rest]) as unknown;
  };
}

/** The ways to a route are the same for every request: it lives as long as its router. */
const waysTo = new WeakMap<Route, string | readonly Mounts[]>();

/**
 * The template of the route, with those that its routers are mounted on. Not `baseUrl`, though it is
 * the documented way: it is a part of the path as the client has sent it (`/tenants/42`, `/LeGaCy`).
 */
export function expressRouteOf(request: IncomingMessage): string | undefined {
  const { route, app, baseUrl = '' } = request as ExpressRequest;
  if (route === undefined) return undefined;
  let ways = waysTo.get(route);
  if (ways === undefined) waysTo.set(route, (ways = findWays(app, route)));
  if (typeof ways === 'string') return ways;
  // A router that is called by hand, or has no application, says nothing of what is in front of it.
  if (ways.length === 0) return baseUrl === '' ? spell(route.path) : '';
  for (const mounts of ways) {
    const template = templateOf(mounts, baseUrl);
    if (template !== undefined) return template + spell(route.path);
  }
  return '';
}

/** The template, where there is but one; else the ways that a request may have come. */
function findWays(app: Application | undefined, route: Route): string | readonly Mounts[] {
  if (route.stack?.some(({ handle }) => isNotFoundHandler(handle))) return '';
  // From the application that served it up to the one that was asked.
  const chain: Application[] = [];
  for (let one = app; one; one = one.parent) chain.unshift(one);
  const ways = search(stackOf(chain[0]), route, chain.slice(1));
  const [only] = ways;
  if (only === undefined || ways.length > 1) return ways;
  const patterns = only.map(({ rawPath }) => rawPath);
  if (patterns.some((pattern) => Array.isArray(pattern))) return ways;
  if (patterns.includes(undefined)) return '';
  return (patterns as Pattern[]).map(spellMount).join('') + spell(route.path);
}

function isNotFoundHandler(handle: unknown): boolean {
  return typeof handle === 'function' && notFoundHandlers.has(handle);
}

/** What an application hands a request to, in turn. */
function stackOf(app: Application | undefined): readonly Layer[] | undefined {
  if (app === undefined) return undefined;
  const stack = (app.lazyrouter === undefined ? app.router : app._router)?.stack;
  if (!Array.isArray(stack)) sayUnfamiliar();
  return stack;
}

function sayUnfamiliar(): void {
  warnOnce(
    'This version of express keeps its routes as nestjs-http-pool does not know it: metrics have no `http_route`. ' +
      'Please report it to nestjs-http-pool',
    'HTTP_POOL_EXPRESS',
  );
}

function search(
  stack: readonly Layer[] | undefined,
  route: Route,
  apps: readonly Application[],
): Mounts[] {
  return (stack ?? []).flatMap((layer): Mounts[] => {
    if (layer.route) return layer.route === route ? [[]] : [];
    const isApp = layer.handle?.name === 'mounted_app';
    const inner = isApp ? stackOf(apps[0]) : layer.handle?.stack;
    if (!Array.isArray(inner)) return [];
    const ways = search(inner as Layer[], route, isApp ? apps.slice(1) : apps);
    const isEverywhere = layer.slash ?? layer.regexp?.fast_slash;
    return isEverywhere ? ways : ways.map((mounts) => [layer, ...mounts]);
  });
}

/** Of mounts that match exactly this. */
function templateOf(mounts: Mounts, baseUrl: string): string | undefined {
  let rest = baseUrl;
  let template = '';
  for (const layer of mounts) {
    const match = layer.match?.(rest);
    if (typeof match !== 'object' || typeof match.path !== 'string') return undefined;
    rest = rest.slice(match.path.replace(/\/$/, '').length);
    template += spellMount(match.pattern);
  }
  return rest === '' ? template : undefined;
}

function spellMount(pattern: Pattern): string {
  return String(pattern).replace(/\/+$/, '');
}

function spell(path: Pattern | readonly Pattern[]): string {
  return [path].flat().map(String).join(',');
}
