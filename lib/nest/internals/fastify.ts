import { nameOfMiddleware } from './name-of-middleware.js';
import { sayUnfamiliar } from './unfamiliar.js';

/*
 * What is not of Fastify's documented surface, nor of its adapter's, and is used all the same. Read from
 * fastify 5.12.8, @fastify/middie 9.3.6 and the adapters of Nest 11.2 and 12.5;
 * `test/nest/internals.e2e-spec.ts` fails by name where a new version differs.
 */

type Parser = {
  asString?: boolean;
  asBuffer?: boolean;
  bodyLimit?: number;
  fn: { name: string };
};
type Parsers = { customParsers: Map<string, Parser>; parserRegExpList: RegExp[] };

/** An instance of Fastify, as far as it is looked into. */
interface FastifyInstance {
  initialConfig: Record<string, unknown>;
  log: unknown;
  use?(...args: unknown[]): unknown;
  hasRequestDecorator(name: string): boolean;
  addContentTypeParser(type: string | RegExp, options: object, parser: unknown): unknown;
  hasContentTypeParser(type: string | RegExp): boolean;
  removeContentTypeParser(type: string | RegExp): unknown;
}

/** What belongs to the server that listens. */
const OF_THE_SERVER = ['http', 'https', 'http2', 'http2SessionTimeout', 'serverFactory', 'logger'];
/** What Fastify adds to its router's options, each bound to the instance: unmatched requests too. */
const OF_THE_INSTANCE = ['defaultRoute', 'onBadUrl', 'onMaxParamLength', 'buildPrettyMeta'];

/** The names of the parsers that every instance has. */
const OF_FASTIFY = new Set(['defaultJsonParser', 'defaultPlainTextParser']);

/**
 * The options Fastify was made with. `initialConfig`, which is public, lacks all that is a function
 * (`trustProxy`, `genReqId`, `rewriteUrl`).
 */
export function fastifyOptionsOf(instance: unknown): Record<string, unknown> {
  const { initialConfig, log } = instance as FastifyInstance;
  const options = hidden<Record<string, unknown>>(instance, 'fastify.options') ?? initialConfig;
  const routerOptions = without(OF_THE_INSTANCE, (options.routerOptions ?? {}) as object);
  return { ...without(OF_THE_SERVER, options), routerOptions, loggerInstance: log };
}

/** Adds headers, and gives the error to answer with. */
type SecurityHook = (request: unknown, response: unknown) => unknown;

interface SecuredAdapter {
  securityHook?: SecurityHook;
  registerSecurityHook?(hook: SecurityHook): void;
}

/**
 * The hooks that Nest 12 keeps on the adapter for `enableCors()`, `enableCsrfProtection()` and
 * `useSecurityHeaders()`; the first is there when Fastify is ready. It keeps one for the latter two: what is set up on
 * the other adapter comes to it.
 */
export function copyFastifyHooks(from: object, to: object): void {
  const cors: unknown = Reflect.get(from, 'corsHook');
  if (typeof cors === 'function') Reflect.set(to, 'corsHook', cors);
  const { securityHook } = from as SecuredAdapter;
  if (typeof securityHook !== 'function') return;
  const target = to as SecuredAdapter;
  target.securityHook = securityHook;
  target.registerSecurityHook = (hook) => {
    target.securityHook = (request, response) =>
      securityHook(request, response) ?? hook(request, response);
  };
}

export function fastifyHasCors(adapter: object): boolean {
  return typeof Reflect.get(adapter, 'corsHook') === 'function';
}

/** Whether an instance has @fastify/cors, by what that puts on each request. */
export function fastifyIsWithCors(instance: unknown): boolean {
  return (instance as FastifyInstance).hasRequestDecorator('corsPreflightEnabled');
}

/** A hook of requests. */
interface FastifyHook {
  readonly name: string;
  readonly hook: unknown;
}

/** Hooks that are about plugins or the application. */
const NOT_OF_REQUESTS = new Set(['onRoute', 'onRegister', 'onReady', 'onListen', 'preClose']);

/** The hooks of requests that the instance has by now, in their order for each name. */
export function fastifyRequestHooksOf(instance: unknown): FastifyHook[] {
  const hooks = hidden<Record<string, unknown[]>>(instance, 'fastify.hooks') ?? {};
  return Object.entries(hooks)
    .filter(([name]) => !NOT_OF_REQUESTS.has(name))
    .flatMap(([name, all]) => all.map((hook) => ({ name, hook })));
}

/** The arguments of one `app.use()`, as middie keeps them. */
type Used = readonly [path: unknown, middleware?: unknown];

/** What was given to `app.use()` without a path. */
export function fastifyMiddlewareOf(instance: unknown): Used[] {
  return fastifyPathMiddlewareOf(instance).filter(
    ([path, middleware]) => typeof path === 'function' && middleware === undefined,
  );
}

/** All that was given to `app.use()`. */
export function fastifyPathMiddlewareOf(instance: unknown): Used[] {
  // Without middie, which an adapter may be told to leave out, there is no `use()`.
  if (typeof (instance as FastifyInstance).use !== 'function') return [];
  return [...(hidden<Used[]>(instance, 'fastify-middie-middlewares') ?? [])];
}

export function addFastifyMiddleware(instance: unknown, middleware: readonly unknown[]): void {
  for (const [path, one] of middleware as Used[]) {
    if (one === undefined) (instance as FastifyInstance).use?.(path);
    else (instance as FastifyInstance).use?.(path, one);
  }
}

export function nameOfPathMiddleware(used: unknown): string {
  const [path, middleware] = used as Used;
  return nameOfMiddleware(String(path), (middleware as { name?: string } | undefined)?.name);
}

/** How Nest 12 registers `@fastify/multipart` once for all upload interceptors. */
interface MultipartAdapter {
  isMultipartRequested?: boolean;
  multipartOptions?: unknown;
  useMultipart?(): void;
}

/** Of Nest 12, whose upload interceptors ask the application's own adapter, and no other, for it. */
export function requestMultipart(from: object, to: object): void {
  const [source, target] = [from as MultipartAdapter, to as MultipartAdapter];
  if (!source.isMultipartRequested || target.isMultipartRequested) return;
  target.multipartOptions = source.multipartOptions;
  target.useMultipart?.();
}

/** The types with a body parser that is not Fastify's own. */
export function ownFastifyParsers(instance: unknown): ReadonlySet<string> {
  const { customParsers } = parsersOf(instance) ?? {};
  const entries = [...(customParsers ?? [])];
  return new Set(entries.filter(([, { fn }]) => !OF_FASTIFY.has(fn.name)).map(([type]) => type));
}

/**
 * The body parsers, for `useBodyParser()` and `rawBody` are told to the adapter alone.
 *
 * @param kept The types of which the target keeps its parser
 */
export function copyFastifyParsers(from: unknown, to: unknown, kept: ReadonlySet<string>): void {
  const parsers = parsersOf(from);
  const target = to as FastifyInstance;
  for (const [name, { asString, asBuffer, bodyLimit, fn }] of parsers?.customParsers ?? []) {
    if (kept.has(name)) continue;
    const type =
      name === '' ? '*' : (parsers?.parserRegExpList.find((one) => String(one) === name) ?? name);
    if (target.hasContentTypeParser(type)) target.removeContentTypeParser(type);
    const parseAs = asString ? 'string' : asBuffer ? 'buffer' : undefined;
    target.addContentTypeParser(type, { parseAs, bodyLimit }, fn);
  }
}

function parsersOf(instance: unknown): Parsers | undefined {
  const parsers = hidden<Parsers>(instance, 'fastify.contentTypeParser');
  if (parsers === undefined || parsers.customParsers instanceof Map) return parsers;
  sayUnfamiliar('fastify', '`customParsers` of its content type parser');
  return undefined;
}

function without(keys: readonly string[], options: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([key]) => !keys.includes(key)));
}

/** What is filed under a symbol that is not exported. */
function hidden<T>(instance: unknown, description: string): T | undefined {
  const owner = instance as Record<symbol, unknown>;
  const key = Object.getOwnPropertySymbols(owner).find((one) => one.description === description);
  if (key !== undefined) return owner[key] as T;
  sayUnfamiliar('fastify', `Symbol(${description})`);
  return undefined;
}
