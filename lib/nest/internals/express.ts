import { nameOfMiddleware } from './name-of-middleware.js';
import { sayUnfamiliar } from './unfamiliar.js';

/*
 * What is not of Express's documented surface, and is used all the same. Read from express 5.3.0 with
 * router 2.3.0; `test/nest/internals.e2e-spec.ts` fails by name where a new
 * version differs.
 */

/** An Express application, as far as it is looked into. */
interface ExpressApplication {
  settings: Record<string, unknown>;
  locals: Record<string, unknown>;
  engines: Record<string, unknown>;
  router?: { stack: unknown; params?: object; caseSensitive?: boolean; strict?: boolean };
  set(key: string, value: unknown): unknown;
}

/** One entry of Express's stack. */
interface Layer {
  /** The path as it was given. Versions of the router before 2.3 don't keep it. */
  rawPath?: unknown;
  name?: string;
  /** True for a `use()` without a path. */
  slash?: boolean;
  route?: Route;
  handle?: { name?: string; stack?: unknown; handle?: unknown };
}

/** What `all()`, `get()` and the like make of a path. */
interface Route {
  path?: unknown;
  /** By their names in lower case; `_all` is what `route().all()` sets, while `app.all()` sets each. */
  methods?: Readonly<Record<string, boolean>>;
  stack?: readonly Layer[];
}

/** The names of body-parser's middleware. */
const PARSERS = new Set(['jsonParser', 'urlencodedParser', 'rawParser', 'textParser']);

/** A path that has these has all. */
const METHODS_OF_ALL = ['get', 'post', 'put', 'patch', 'delete', 'options'];

/** `app.set()`, `app.param()`, template engines and locals. */
export function copyExpressSettings(from: unknown, to: unknown): void {
  const [source, target] = [from as ExpressApplication, to as ExpressApplication];
  // Express sets the `… fn` ones itself, from the others.
  for (const [key, value] of Object.entries(source.settings)) {
    if (!key.endsWith(' fn')) target.set(key, value);
  }
  Object.assign(target.engines, source.engines);
  Object.assign(target.locals, source.locals);
  // Read once, when the router is made, which the adapter has done by now.
  if (source.router && target.router) {
    target.router.caseSensitive = source.router.caseSensitive;
    target.router.strict = source.router.strict;
    target.router.params = { ...source.router.params };
  }
}

export interface ExpressLayers {
  /** Before the body parsers that come behind all others. */
  readonly before: readonly unknown[];
  /** Those parsers, and what was added since. */
  readonly behind: readonly unknown[];
}

interface WhichLayers {
  /** So many there were when Nest had added its parsers. */
  readonly count: number;
  /** What is mounted on a path by `use()` or `all()`, and serves routes of its own, too. */
  readonly mounted: boolean;
}

export function countExpressLayers(instance: unknown): number {
  return stackOf(instance).length;
}

/** The middleware for every request that serves no routes of its own. */
export function expressLayersOf(instance: unknown, { count, mounted }: WhichLayers): ExpressLayers {
  const stack = stackOf(instance);
  const isWanted = mounted ? isForAllMethods : isPlainMiddleware;
  const early = stack.slice(0, count).filter(isWanted);
  const late = stack.slice(count).filter(isWanted);
  const first = firstParser(early);
  return { before: early.slice(0, first), behind: [...early.slice(first), ...late] };
}

/** By its path and the name of its function, as far as these are known. */
export function nameOfLayer(layer: unknown): string {
  const { rawPath, route, name, ...layered } = layer as Layer;
  const { handle } = route?.stack?.[0] ?? layered;
  const given = [rawPath ?? route?.path].flat();
  const paths = given.filter((path) => path !== undefined) as (string | RegExp)[];
  return nameOfMiddleware(paths.join(', '), handle?.name ?? name);
}

/**
 * In the place of what the adapter's constructor has added: the application's adapter has added the
 * same, with the application's hooks, and each layer is work for every request.
 */
export function replaceExpressLayers(instance: unknown, layers: readonly unknown[]): void {
  const stack = stackOf(instance);
  const others = stack.filter((layer) => !isPlainMiddleware(layer));
  stack.splice(0, stack.length, ...(layers as Layer[]), ...others);
}

/** Those that it has are left where they are. */
export function addExpressLayers(instance: unknown, layers: readonly unknown[]): void {
  const stack = stackOf(instance);
  stack.push(...(layers as Layer[]).filter((layer) => !stack.includes(layer)));
}

/** The index of the first of the parsers at the end. */
function firstParser(layers: readonly Layer[]): number {
  return layers.findLastIndex((layer) => !isParser(layer)) + 1;
}

function isParser(layer: Layer): boolean {
  return isPlainMiddleware(layer) && PARSERS.has(layer.handle?.name ?? '');
}

/** What every request passes in turn. */
function stackOf(instance: unknown): Layer[] {
  const stack = (instance as Partial<ExpressApplication>).router?.stack;
  if (Array.isArray(stack)) return stack as Layer[];
  sayUnfamiliar('express', '`router.stack`');
  return [];
}

/** Those of some methods are the application's routes. */
function isForAllMethods({ route }: Layer): boolean {
  if (route === undefined) return true;
  const { methods = {} } = route;
  return methods._all === true || METHODS_OF_ALL.every((method) => methods[method]);
}

function isPlainMiddleware({ slash, route, handle }: Layer): boolean {
  if (slash !== true || route !== undefined || handle === undefined) return false;
  const isRouter = handle.stack !== undefined || handle.handle !== undefined;
  return !isRouter && handle.name !== 'serveStatic' && handle.name !== 'mounted_app';
}
