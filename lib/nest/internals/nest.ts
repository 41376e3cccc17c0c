import type { DynamicModule, ForwardReference, Type } from '@nestjs/common';
import type {
  AbstractHttpAdapter,
  HttpAdapterHost,
  ModuleRef,
  ModulesContainer,
  NestContainer,
} from '@nestjs/core';

/**
 * What is not of Nest's documented surface, and is used all the same. Read from `@nestjs/core`
 * 11.2.10 and 12.5.1; `test/nest/internals.e2e-spec.ts` fails by name where a new version
 * differs.
 */

/** What may stand in the `imports` of a module. */
type ModuleEntry = Type | DynamicModule | Promise<DynamicModule> | ForwardReference;

/** A module as Nest's container holds it. */
export type NestModuleRef = ModulesContainer extends Map<string, infer Module> ? Module : never;

/** What a module files its controllers under. */
export type ControllerWrappers = NestModuleRef['controllers'];

/**
 * The members of the container that the files of `feature/` read, hide or show in another form. Without
 * `contextOptions`, which Nest before 11.1.4 does not show.
 */
const OF_CONTAINER = [
  'getModules',
  'getModuleByKey',
  'getDynamicMetadataByToken',
  'getModuleCompiler',
  'getHttpAdapterRef',
  'applicationConfig',
];

/** The same of its modules. */
const OF_MODULE = [
  'token',
  'metatype',
  'instance',
  'distance',
  'imports',
  'exports',
  'providers',
  'controllers',
  'injectables',
  'middlewares',
  'addProvider',
];

/** Nest's container, which no provider gives, with all that is used of it. */
export function containerOf(moduleRef: ModuleRef): NestContainer {
  const { container } = moduleRef as unknown as { container?: NestContainer };
  if (typeof container?.getModules !== 'function') throw unfamiliar('the container of a ModuleRef');
  refuseWithout(OF_CONTAINER, container, 'the container');
  for (const module of container.getModules().values()) {
    refuseWithout(OF_MODULE, module, 'a module');
    break;
  }
  return container;
}

function refuseWithout(members: readonly string[], owner: object, what: string): void {
  const missing = members.filter((member) => !(member in owner));
  if (missing.length > 0) throw unfamiliar(`${missing.join(', ')} of ${what}`);
}

/**
 * Calls back when an application gets its adapter: a testing module gets it when its providers have been made.
 * Nest before 11.1.4 does not tell.
 */
export function onAdapter(adapterHost: HttpAdapterHost, listener: () => void): void {
  const { init$ } = adapterHost as Partial<Pick<HttpAdapterHost, 'init$'>>;
  init$?.subscribe(listener);
}

/**
 * Has an application connect no gateways and no clients of microservices: Nest 11 loads what connects them when
 * the application is made, and 12 when it is initialised.
 */
export function connectNothing(application: object): void {
  const members = { socketModule: null, microservicesModule: null };
  refuseWithout(Object.keys(members), application, 'an application');
  Object.assign(application, members);
}

/**
 * What `init()` does for `enableCsrfProtection()` of Nest 12, when prefix and versions are known: without it nothing is
 * excluded from the protection.
 */
export function initSecurity(application: object): void {
  const { securityHook, config } = application as {
    securityHook?: { init?(config: unknown): void };
    config?: unknown;
  };
  securityHook?.init?.(config);
}

/** The hooks of an adapter for each request and answer, as `setOnRequestHook` and `setOnResponseHook` keep them. */
export function copyRequestHooks(from: AbstractHttpAdapter, to: AbstractHttpAdapter): void {
  const { onRequestHook, onResponseHook } = from as AbstractHttpAdapter & {
    onRequestHook?: Parameters<AbstractHttpAdapter['setOnRequestHook']>[0];
    onResponseHook?: Parameters<AbstractHttpAdapter['setOnResponseHook']>[0];
  };
  if (onRequestHook) to.setOnRequestHook(onRequestHook);
  if (onResponseHook) to.setOnResponseHook(onResponseHook);
}

/** The module that an entry of `imports` stands for, also where a test has put another in its place. */
export async function moduleOf(
  container: NestContainer,
  entry: ModuleEntry,
): Promise<NestModuleRef | undefined> {
  const imported = await entry;
  const definition = 'forwardRef' in imported ? (imported.forwardRef() as Type) : imported;
  const compiler = container.getModuleCompiler() as Partial<
    ReturnType<NestContainer['getModuleCompiler']>
  >;
  if (typeof compiler?.compile !== 'function') throw unfamiliar('the compiler of modules');
  const { token } = await compiler.compile(definition);
  return container.getModuleByKey(token);
}

/** What stands in the `imports` of a module, in its decorator and where it was made dynamically. */
export function importsDeclaredBy(container: NestContainer, module: NestModuleRef): ModuleEntry[] {
  const { token, metatype } = module;
  const decorated = Reflect.getMetadata('imports', metatype) as ModuleEntry[] | undefined;
  return [...(decorated ?? []), ...(container.getDynamicMetadataByToken(token, 'imports') ?? [])];
}

/**
 * Has the hooks of a module called after those of all others when the application starts, and before
 * them when it shuts down: Nest goes from the farthest module to the nearest, and back.
 */
export function callHooksLast(module: NestModuleRef): void {
  if (typeof module.distance !== 'number') throw unfamiliar('the distance of a module');
  module.distance = -Number.MAX_VALUE;
}

/** The adapter of a middleware consumer: not of its interface, but of what Nest passes. */
export function adapterOf(consumer: object): unknown {
  const { getHttpAdapter } = consumer as { getHttpAdapter?: () => unknown };
  if (typeof getHttpAdapter === 'function') return Reflect.apply(getHttpAdapter, consumer, []);
  throw unfamiliar('the adapter of a MiddlewareConsumer');
}

export function unfamiliar(what: string): Error {
  return new Error(`nestjs-http-pool does not know this version of @nestjs/core: it lacks ${what}`);
}
