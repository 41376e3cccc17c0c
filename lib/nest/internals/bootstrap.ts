import { NestApplicationContext, type ModulesContainer } from '@nestjs/core';

/**
 * What is not of Nest's documented surface, and is used all the same. Read from `@nestjs/core`
 * 11.2.10 and 12.5.1; `test/nest/bootstrap-watch.e2e-spec.ts` fails where a new version differs.
 */
interface Bootstrapping {
  readonly container?: { getModules(): ModulesContainer };
  /** Calls `onApplicationBootstrap` of every module. */
  callBootstrapHook?: () => Promise<void>;
}

/** What is to be done around the bootstrap hooks of an application. */
export interface BootstrapWatcher {
  /** Before the first hook. What it throws is what the bootstrap rejects with. */
  before(): Promise<void>;
  /** When one of them threw: nobody else is told, for Nest closes nothing then. */
  failed(): Promise<void>;
}

const watchers = new WeakMap<ModulesContainer, BootstrapWatcher>();
let isPatched = false;

/**
 * Has an application tell of its bootstrap. There is no hook that is called before that of all other
 * modules, and none that is called when another one throws.
 *
 * @returns False where this version of Nest is not known
 */
export function watchBootstrap(modules: ModulesContainer, watcher: BootstrapWatcher): boolean {
  isPatched ||= patch(NestApplicationContext.prototype as unknown as Bootstrapping);
  if (isPatched) watchers.set(modules, watcher);
  return isPatched;
}

function patch(prototype: Bootstrapping): boolean {
  const { callBootstrapHook: original } = prototype;
  if (typeof original !== 'function') return false;
  prototype.callBootstrapHook = async function (this: Bootstrapping): Promise<void> {
    const watcher = this.container && watchers.get(this.container.getModules());
    if (watcher === undefined) return Reflect.apply(original, this, []) as Promise<void>;
    await watcher.before();
    try {
      await (Reflect.apply(original, this, []) as Promise<void>);
    } catch (error) {
      await watcher.failed();
      throw error;
    }
  };
  return true;
}
