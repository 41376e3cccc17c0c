import { NestApplicationContext, type NestContainer } from '@nestjs/core';

/**
 * What is not of Nest's documented surface, and is used all the same. Read from `@nestjs/core`
 * 11.2.10 and 12.5.1; `test/nest/internals.e2e-spec.ts` fails by name where a new version differs.
 */
interface Bootstrapping {
  readonly container?: NestContainer;
  /** Calls `onModuleInit` of every module. */
  callInitHook?: Call;
  /** Calls `onApplicationBootstrap` of every module. */
  callBootstrapHook?: Call;
  /** Calls `onModuleDestroy` of every module. */
  callDestroyHook?: Call;
  /** Of an application with HTTP, which calls the hooks when it has made its routes; not of a microservice. */
  getHttpAdapter?(): unknown;
}

type Call = () => Promise<void>;

/** What is to be done around the start of an application. */
interface BootstrapWatcher {
  /** Before the first `onModuleInit` that an application with HTTP calls: its routes are there. */
  routed?(): void;
  /**
   * Before the first `onApplicationBootstrap`. What it throws is what the bootstrap rejects with.
   *
   * @param isHttp Whether it is an application with HTTP that calls them, which is set up then
   */
  before(isHttp: boolean): Promise<void>;
  /**
   * When one of them, or an `onModuleInit`, threw: nobody else is told, for Nest closes nothing then. So it is when an
   * `onModuleDestroy` throws, of Nest 11: it calls no further hook.
   */
  failed(): Promise<void>;
}

/** By the container: the list of modules that it gives is another one where `forFeature` binds controllers. */
const watchers = new WeakMap<NestContainer, BootstrapWatcher>();
let isPatched = false;

/**
 * Has an application tell of its start, and of an end that fails. There is no hook that is called before that of all other
 * modules, and none that is called when another one throws.
 *
 * @returns False where this version of Nest is not known
 */
export function watchBootstrap(container: NestContainer, watcher: BootstrapWatcher): boolean {
  isPatched ||= patch(NestApplicationContext.prototype as unknown as Bootstrapping);
  if (isPatched) watchers.set(container, watcher);
  return isPatched;
}

function patch(prototype: Bootstrapping): boolean {
  const { callInitHook, callBootstrapHook, callDestroyHook } = prototype;
  if (typeof callInitHook !== 'function' || typeof callBootstrapHook !== 'function') return false;
  prototype.callInitHook = watched(callInitHook, (watcher, isHttp) => {
    if (isHttp) watcher.routed?.();
  });
  prototype.callBootstrapHook = watched(callBootstrapHook, (watcher, isHttp) =>
    watcher.before(isHttp),
  );
  if (typeof callDestroyHook === 'function') prototype.callDestroyHook = watched(callDestroyHook);
  return true;
}

type Before = (watcher: BootstrapWatcher, isHttp: boolean) => Promise<void> | void;

function watched(original: Call, before?: Before): Call {
  return async function (this: Bootstrapping): Promise<void> {
    const watcher = this.container && watchers.get(this.container);
    if (watcher === undefined) return Reflect.apply(original, this, []) as Promise<void>;
    try {
      await before?.(watcher, typeof this.getHttpAdapter === 'function');
      await (Reflect.apply(original, this, []) as Promise<void>);
    } catch (error) {
      await watcher.failed();
      throw error;
    }
  };
}
