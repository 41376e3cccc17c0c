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
  router?: { stack: unknown; caseSensitive?: boolean; strict?: boolean };
  set(key: string, value: unknown): unknown;
}

/** One entry of Express's stack. */
interface Layer {
  /** The path as it was given. Versions of the router before 2.3 don't keep it. */
  rawPath?: unknown;
  name?: string;
  /** True for a `use()` without a path. */
  slash?: boolean;
  route?: unknown;
  handle?: { name?: string; stack?: unknown; handle?: unknown };
}

/** The names of body-parser's middleware. */
const PARSERS = new Set(['jsonParser', 'urlencodedParser', 'rawParser', 'textParser']);

/** `app.set()`, template engines and locals. */
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
  /** What is mounted on a path, and serves routes of its own, too. */
  readonly mounted: boolean;
}

export function countExpressLayers(instance: unknown): number {
  return stackOf(instance).length;
}

/** The middleware for every request that serves no routes of its own. */
export function expressLayersOf(instance: unknown, { count, mounted }: WhichLayers): ExpressLayers {
  const stack = stackOf(instance);
  const isWanted = mounted ? ({ route }: Layer) => !route : isPlainMiddleware;
  const early = stack.slice(0, count).filter(isWanted);
  const late = stack.slice(count).filter(isWanted);
  const first = firstParser(early);
  return { before: early.slice(0, first), behind: [...early.slice(first), ...late] };
}

/** By its path and the name of its function, as far as these are known. */
export function nameOfLayer(layer: unknown): string {
  const { rawPath, name, handle } = layer as Layer;
  const paths = [rawPath].flat().filter((path) => path !== undefined) as (string | RegExp)[];
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

function isPlainMiddleware({ slash, route, handle }: Layer): boolean {
  if (slash !== true || route !== undefined || handle === undefined) return false;
  const isRouter = handle.stack !== undefined || handle.handle !== undefined;
  return !isRouter && handle.name !== 'serveStatic' && handle.name !== 'mounted_app';
}
